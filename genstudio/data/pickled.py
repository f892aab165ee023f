"""Reads the few pickles whose content is plain data, without unpickling anything.

A pickle is a program; Python's own reader runs it. This reader knows only the instructions that build numbers, text,
lists, dictionaries and byte arrays (opcodes as listed in the standard library's `pickletools`). A name of a function
is kept as a name and never looked up; whatever is asked of it is written down, not done. Anything else is refused.
"""

import struct
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genstudio.data.refusal import UnreadableError

_MOST_STEPS = 3_000_000
_ARRAY_MAKERS = {("numpy.core.multiarray", "_reconstruct"), ("numpy._core.multiarray", "_reconstruct")}
_NAMES = _ARRAY_MAKERS | {("numpy", "ndarray"), ("numpy", "dtype"), ("_codecs", "encode")}


@dataclass(frozen=True)
class Name:
    """A function or class a pickle names; only a handful are let through, and none is ever called."""

    module: str
    name: str


@dataclass
class Made:
    """What a pickle wanted made: by which name, from what, with which state."""

    maker: Name
    arguments: tuple[object, ...]
    state: object = None


def read_plain(data: bytes) -> object:
    """Return a pickle's content as plain values, with arrays as `Made`; raises `UnreadableError` for anything else.

    Text written by Python 2 comes as bytes.
    """
    try:
        return _Reader(data).read()
    except UnreadableError:
        raise
    except Exception as error:  # a damaged program may fail in any way
        raise UnreadableError(f"it is not a pickle of plain data ({type(error).__name__})") from None


def bytes_array(value: object) -> NDArray[np.uint8]:
    """Return the array of bytes that a pickle describes; raises `UnreadableError` when it describes anything else."""
    match value:
        case Made(
            Name() as maker,
            _,
            (
                _,
                tuple() as shape,
                Made(Name("numpy", "dtype"), (b"u1" | "u1" | b"|u1" | "|u1", *_)),
                fortran,
                bytes() as data,
            ),
        ) if (maker.module, maker.name) in _ARRAY_MAKERS and not fortran:
            sides = [side for side in shape if isinstance(side, int) and side >= 0]
            if len(sides) == len(shape) and int(np.prod(sides, dtype=np.float64)) == len(data):
                return np.frombuffer(data, dtype=np.uint8).reshape(sides)
    raise UnreadableError("its pictures are not an array of bytes")


class _Mark:
    """Where a list of things begins on the stack."""


class _Reader:
    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0
        self._stack: list[object] = []
        self._memo: dict[int, object] = {}

    def read(self) -> object:
        for _ in range(_MOST_STEPS):
            code = self._take(1)
            if code == b".":
                return self._stack.pop()
            step = _STEPS.get(code)
            if step is None:
                raise UnreadableError("it is a pickle of more than plain data, and such files are never run")
            step(self)
        raise UnreadableError("it is a pickle of far more than pictures")

    def _take(self, count: int) -> bytes:
        piece = self._data[self._at : self._at + count]
        if len(piece) < count:
            raise UnreadableError("the file is cut off")
        self._at += count
        return piece

    def _number(self, form: str) -> int:
        number: int = struct.unpack(form, self._take(struct.calcsize(form)))[0]
        return number

    def _line(self) -> str:
        end = self._data.index(b"\n", self._at)
        return self._take(end + 1 - self._at)[:-1].decode("ascii")

    def _since_mark(self) -> list[object]:
        at = len(self._stack) - 1
        while not isinstance(self._stack[at], _Mark):
            at -= 1
        things = self._stack[at + 1 :]
        del self._stack[at:]
        return things

    def push(self, value: object) -> None:
        self._stack.append(value)

    def push_number(self, form: str) -> None:
        self.push(self._number(form))

    def push_long(self) -> None:
        self.push(int.from_bytes(self._take(self._number("<B")), "little", signed=True))

    def push_bytes(self, form: str) -> None:
        self.push(self._take(self._number(form)))

    def push_text(self, form: str) -> None:
        self.push(self._take(self._number(form)).decode("utf-8", "replace"))

    def push_tuple(self, count: int) -> None:
        things = [self._stack.pop() for _ in range(count)]
        self.push(tuple(reversed(things)))

    def push_marked_tuple(self) -> None:
        self.push(tuple(self._since_mark()))

    def push_name(self, module: object, name: object) -> None:
        if (module, name) not in _NAMES:
            raise UnreadableError("it is a pickle that asks to run a program, which is never done")
        self.push(Name(str(module), str(name)))

    def push_line_name(self) -> None:
        module = self._line()
        self.push_name(module, self._line())

    def push_stack_name(self) -> None:
        name, module = self._stack.pop(), self._stack.pop()
        self.push_name(module, name)

    def skip(self, count: int) -> None:
        self._take(count)

    def remember(self, form: str | None) -> None:
        self._memo[len(self._memo) if form is None else self._number(form)] = self._stack[-1]

    def recall(self, form: str) -> None:
        self.push(self._memo[self._number(form)])

    def append(self, things: list[object]) -> None:
        target = self._stack[-1]
        if not isinstance(target, list):
            raise UnreadableError("it is not a pickle of plain data")
        target.extend(things)

    def set_items(self, things: list[object]) -> None:
        target = self._stack[-1]
        if not isinstance(target, dict):
            raise UnreadableError("it is not a pickle of plain data")
        target.update(zip(things[::2], things[1::2], strict=True))

    def append_one(self) -> None:
        self.append([self._stack.pop()])

    def append_marked(self) -> None:
        self.append(self._since_mark())

    def set_one(self) -> None:
        value, key = self._stack.pop(), self._stack.pop()
        self.set_items([key, value])

    def set_marked(self) -> None:
        self.set_items(self._since_mark())

    def make(self) -> None:
        arguments, maker = self._stack.pop(), self._stack.pop()
        match maker, arguments:
            case Name("_codecs", "encode"), (str() as text, "latin1" | "latin-1"):
                self.push(text.encode("latin-1"))
            case Name("numpy.core.multiarray" | "numpy._core.multiarray") | Name("numpy", "dtype"), tuple():
                self.push(Made(maker, arguments))
            case _:
                raise UnreadableError("it is a pickle that asks to run a program, which is never done")

    def give_state(self) -> None:
        state, target = self._stack.pop(), self._stack[-1]
        if not isinstance(target, Made):
            raise UnreadableError("it is not a pickle of plain data")
        target.state = state


_STEPS: dict[bytes, Callable[[_Reader], None]] = {
    b"\x80": lambda reader: reader.skip(1),
    b"\x95": lambda reader: reader.skip(8),
    b"(": lambda reader: reader.push(_Mark()),
    b"N": lambda reader: reader.push(None),
    b"\x88": lambda reader: reader.push(True),
    b"\x89": lambda reader: reader.push(False),
    b"}": lambda reader: reader.push({}),
    b"]": lambda reader: reader.push([]),
    b")": lambda reader: reader.push(()),
    b"K": lambda reader: reader.push_number("<B"),
    b"M": lambda reader: reader.push_number("<H"),
    b"J": lambda reader: reader.push_number("<i"),
    b"\x8a": _Reader.push_long,
    b"U": lambda reader: reader.push_bytes("<B"),
    b"C": lambda reader: reader.push_bytes("<B"),
    b"T": lambda reader: reader.push_bytes("<I"),
    b"B": lambda reader: reader.push_bytes("<I"),
    b"\x8c": lambda reader: reader.push_text("<B"),
    b"X": lambda reader: reader.push_text("<I"),
    b"t": _Reader.push_marked_tuple,
    b"\x85": lambda reader: reader.push_tuple(1),
    b"\x86": lambda reader: reader.push_tuple(2),
    b"\x87": lambda reader: reader.push_tuple(3),
    b"c": _Reader.push_line_name,
    b"\x93": _Reader.push_stack_name,
    b"q": lambda reader: reader.remember("<B"),
    b"r": lambda reader: reader.remember("<I"),
    b"\x94": lambda reader: reader.remember(None),
    b"h": lambda reader: reader.recall("<B"),
    b"j": lambda reader: reader.recall("<I"),
    b"a": _Reader.append_one,
    b"e": _Reader.append_marked,
    b"s": _Reader.set_one,
    b"u": _Reader.set_marked,
    b"R": _Reader.make,
    b"b": _Reader.give_state,
}
