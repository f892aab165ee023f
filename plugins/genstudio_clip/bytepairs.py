"""The reader of CLIP's own weights: byte-pair encoding with marks for the ends of words.

Sennrich et al. 2016, "Neural Machine Translation of Rare Words with Subword Units", on bytes as in Radford et al. 2019,
"Language Models are Unsupervised Multitask Learners", section 2.2. Text is written small; a word begins as its bytes,
the last one marked; then the pair of neighbours that stands first in the list of merges becomes one token, over and
over. Written anew from the description; words that users write are plain text, whatever tokens they look like.
"""

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

import torch

from genstudio_clip.tokens import Tokens

BEGIN, END = "<|startoftext|>", "<|endoftext|>"
_WORD_END = "</w>"
_ENDINGS = ("'s", "'t", "'re", "'ve", "'m", "'ll", "'d")
_MOST_SIGNS = 10_000  # of a text that are looked at


class BytePairs:
    """Reads texts as at most `length` tokens, the beginning and the end among them."""

    def __init__(self, vocabulary: Mapping[str, int], merges: Sequence[tuple[str, str]], length: int) -> None:
        self.length = length
        self._numbers = vocabulary
        self._ranks = {pair: rank for rank, pair in enumerate(merges)}
        self._signs = signs_of_bytes()
        self._known: dict[str, list[int]] = {}

    def __call__(self, texts: Sequence[str], device: torch.device) -> Tokens:
        """Beginning, the tokens of each word, end."""
        vocabulary: dict[str, int] = {}
        rows, words = [], []
        for text in texts:
            row, own = [self._numbers[BEGIN]], [0]
            for word in words_of(text):
                tokens = self._tokens(word)
                row += tokens
                own += [vocabulary.setdefault(word, len(vocabulary) + 1)] * len(tokens)
            rows.append([*row[: self.length - 1], self._numbers[END]])
            words.append([*own[: self.length - 1], 0])
        longest = max(map(len, rows), default=1)
        known = torch.arange(longest) < torch.tensor([[len(row)] for row in rows])
        filled = [torch.tensor([row + [0] * (longest - len(row)) for row in kind]) for kind in (rows, words)]
        return Tokens(filled[0], None, known, filled[1], len(vocabulary) + 1).to(device)

    def _tokens(self, word: str) -> list[int]:
        if word not in self._known:
            signs = [self._signs[byte] for byte in word.encode("utf-8", "replace")]
            parts = self._merged([*signs[:-1], signs[-1] + _WORD_END])
            self._known[word] = [self._numbers.get(part, self._numbers[END]) for part in parts]
        return self._known[word]

    def _merged(self, parts: list[str]) -> list[str]:
        while len(parts) > 1:
            first = min(pairwise(parts), key=lambda pair: self._ranks.get(pair, len(self._ranks)))
            if first not in self._ranks:
                break
            parts = list(_joined(parts, first))
        return parts


def _joined(parts: list[str], pair: tuple[str, str]) -> Iterator[str]:
    place = 0
    while place < len(parts):
        if tuple(parts[place : place + 2]) == pair:
            yield parts[place] + parts[place + 1]
            place += 2
        else:
            yield parts[place]
            place += 1


def words_of(text: str) -> Iterator[str]:
    """What is merged by itself: English endings, runs of letters, single numerals, runs of anything else but space."""
    text = unicodedata.normalize("NFC", text[:_MOST_SIGNS]).lower()
    place = 0
    while place < len(text):
        ending = next((ending for ending in _ENDINGS if text.startswith(ending, place)), None)
        end = place + len(ending) if ending else _run(text, place)
        if not text[place].isspace():
            yield text[place:end]
        place = end


def _run(text: str, place: int) -> int:
    """Where the run of signs of one kind that begins at a place ends."""
    kind, end = _kind(text[place]), place + 1
    while kind != "numeral" and end < len(text) and _kind(text[end]) == kind:
        end += 1
    return end


def _kind(sign: str) -> str:
    if sign.isspace():
        return "space"
    return {"L": "letter", "N": "numeral"}.get(unicodedata.category(sign)[0], "other")


def signs_of_bytes() -> list[str]:
    """A visible sign for each of the 256 bytes: its own where that is visible, else one from 256 on."""
    visible = {*range(33, 127), *range(161, 173), *range(174, 256)}
    others = iter(range(256, 512))
    return [chr(byte if byte in visible else next(others)) for byte in range(256)]
