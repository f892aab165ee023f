"""Texts as words, and words as pieces: what a model that begins from nothing reads.

There is no table of known words. A word is what its pieces say, the stretches of three to five of its signs and the
whole of it (Bojanowski et al. 2017, "Enriching Word Vectors with Subword Information", section 3.2), and which number
a piece has follows from its spelling alone. So any word of any language can be read, those never met among them, and
one that is misspelt or bent is still mostly itself.

Capitals, Latin, Greek and Cyrillic accents and punctuation make no difference. Signs such as emoji are words of their
own; so is each sign of scripts that put no space between words, Han and kana.
"""

import unicodedata
import zlib
from collections.abc import Iterator, Sequence

import torch

from genstudio_clip.tokens import Tokens

END = 1
"""The piece that stands for the end of a text; 0 is no piece at all."""
_RESERVED = 2
_MOST_PIECES = 32  # of a word; the whole of it comes first
_MOST_SIGNS = 1000  # of a text that are looked at, however few words a reader takes in
_STRETCHES = (3, 4, 5)
_ACCENTS = range(0x300, 0x370)
_ALONE = ("HIRAGANA", "KATAKANA", "CJK UNIFIED", "CJK COMPATIBILITY IDEOGRAPH")
_APOSTROPHES = "'’ʼ"


class Words:
    """Reads texts of up to `length` - 1 words as tokens, whose pieces are numbers below `pieces`."""

    def __init__(self, length: int, pieces: int) -> None:
        self.length, self.pieces = length, pieces
        self._known: dict[str, list[int]] = {}

    def __call__(self, texts: Sequence[str], device: torch.device) -> Tokens:
        """Each text's words, then the end. One row of the table is one word, and the first is the end."""
        vocabulary: dict[str, int] = {"": 0}
        read = [list(words_of(text))[: self.length - 1] for text in texts]
        numbers = [[vocabulary.setdefault(word, len(vocabulary)) for word in words] for words in read]
        longest = max(map(len, numbers), default=0) + 1
        rows = torch.tensor([row + [0] * (longest - len(row)) for row in numbers])
        known = torch.arange(longest) <= torch.tensor([[len(row)] for row in numbers])
        table = torch.tensor([self._pieces(word) for word in vocabulary])
        return Tokens(rows, table, known, rows, len(vocabulary)).to(device)

    def _pieces(self, word: str) -> list[int]:
        """What a word is made of, filled up with 0."""
        if word not in self._known:
            found = [_RESERVED + zlib.crc32(part.encode()) % (self.pieces - _RESERVED) for part in stretches(word)]
            found = found[:_MOST_PIECES] if word else [END]
            self._known[word] = found + [0] * (_MOST_PIECES - len(found))
        return self._known[word]


def stretches(word: str) -> Iterator[str]:
    """The whole word, and all its stretches of three to five signs, with < and > for its beginning and end."""
    marked = f"<{word}>"
    yield marked
    for length in _STRETCHES:
        if length < len(marked):
            yield from (marked[begin : begin + length] for begin in range(len(marked) - length + 1))


def words_of(text: str) -> Iterator[str]:
    """The words of a text, as they are compared."""
    word = ""
    for sign in plain(text[:_MOST_SIGNS]):
        alone = _stands_alone(sign)
        if word and (alone or not _in_word(sign)):
            yield word
            word = ""
        if alone:
            yield sign
        elif _in_word(sign):
            word += sign
    if word:
        yield word


def plain(text: str) -> str:
    """A text without capitals, accents and apostrophes; signs that mean the same become the same."""
    apart = unicodedata.normalize("NFKD", text).casefold()
    kept = "".join(sign for sign in apart if ord(sign) not in _ACCENTS and sign not in _APOSTROPHES)
    return unicodedata.normalize("NFKC", kept)


def _in_word(sign: str) -> bool:
    return unicodedata.category(sign)[0] in "LMN"


def _stands_alone(sign: str) -> bool:
    return unicodedata.category(sign)[0] == "S" or unicodedata.name(sign, "").startswith(_ALONE)
