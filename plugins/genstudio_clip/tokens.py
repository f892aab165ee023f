"""Texts as numbers, and which of them say the same; both readers, `words` and `bytepairs`, make them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor


@dataclass(frozen=True)
class Tokens:
    """Texts as numbers, N texts of at most T tokens, with V different words among them.

    rows: int64 (N, T), which row of `table` a token is, or its number where there is a table for all texts. table:
    int64 (R, P), what the rows are made of, or None. known: bool (N, T), where there is a token; behind those there
    may be anything. words: int64 (N, T), which of the V words a token belongs to; 0 is for what belongs to none, like
    the end of a text. count: V.
    """

    rows: Tensor
    table: Tensor | None
    known: Tensor
    words: Tensor
    count: int

    def to(self, device: torch.device) -> "Tokens":
        """The same on a device, without waiting for it."""
        rows, known, words = (part.to(device, non_blocking=True) for part in (self.rows, self.known, self.words))
        table = None if self.table is None else self.table.to(device, non_blocking=True)
        return Tokens(rows, table, known, words, self.count)

    def captioned(self) -> Tensor:
        """Which texts have any words, bool (N,)."""
        return (self.words * self.known > 0).any(1)

    def alike(self) -> Tensor:
        """Which texts have all the same words, bool (N, N); a text is not its own other."""
        held = self._held()
        missing = _missing(held, held)
        return (missing + missing.T == 0) & ~_diagonal(held)

    def shortened(self, share: float, generator: torch.Generator) -> "tuple[Tokens, Tensor]":
        """Take half of the words from a share of the texts, at random.

        Returns the texts, and which pictures i and shortened texts j are not held against each other, bool (N, N):
        those where all words of j are in the whole text of i, and of texts left whole those that have the same words.
        """
        held, device = self._held(), self.rows.device
        chosen = torch.rand(len(held), 1, generator=generator, device=device) < share
        gone = chosen & (torch.rand(held.shape, generator=generator, device=device) < 0.5)
        gone[:, 0] = False  # the end stays
        excused = ((_missing(held & ~gone, held).T == 0) & chosen.T & ~_diagonal(held)) | self.alike()
        kept = self.known & ~gone.gather(1, self.words)
        order = (~kept).long().argsort(dim=1, stable=True)
        rows, words, known = (whole.gather(1, order) for whole in (self.rows, self.words, kept))
        return Tokens(rows, self.table, known, words, self.count), excused

    def _held(self) -> Tensor:
        """Which words each text has, bool (N, V)."""
        held = torch.zeros(len(self.words), self.count, dtype=torch.bool, device=self.words.device)
        return held.scatter(1, self.words * self.known, True)


class Reader(Protocol):
    """Makes tokens of texts."""

    length: int

    def __call__(self, texts: Sequence[str], device: torch.device) -> Tokens:
        """Read texts of any length; what is behind the `length`-th token is cut off."""


def _missing(held: Tensor, others: Tensor) -> Tensor:
    """How many words of text i are not in other text j: bool (N, V) and (M, V) to float (N, M), exactly 0 for none.

    A product of matrices, because comparing word by word takes (N, M, V): gigabytes for a batch of a thousand captions.
    """
    return held.float() @ (~others).float().T


def _diagonal(held: Tensor) -> Tensor:
    return torch.eye(len(held), dtype=torch.bool, device=held.device)
