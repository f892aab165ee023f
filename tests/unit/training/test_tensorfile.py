"""The file format: ordinary safetensors both ways, and nothing damaged gets through."""

import json
import struct
from collections.abc import Iterator
from typing import Any

import pytest
import safetensors.torch
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from genstudio.core.errors import CheckpointError
from genstudio.training.tensorfile import check_hash, decode, encode, size_of, strict_json

KINDS = [
    torch.float64, torch.float32, torch.float16, torch.bfloat16,
    torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8, torch.bool,
]  # fmt: skip


def make_tensors() -> dict[str, Tensor]:
    draw = torch.Generator().manual_seed(0)
    tensors = {str(kind): torch.randint(0, 2, (3, 5), generator=draw).to(kind) for kind in KINDS}
    return tensors | {
        "one number": torch.tensor(3.5),
        "none": torch.empty(0, 4),
        "turned": torch.randn(4, 3, generator=draw).T,
        "späße/日本": torch.tensor([float("nan"), float("inf")]),
    }


def write(tensors: dict[str, Tensor], metadata: dict[str, str] | None = None) -> bytes:
    return b"".join(encode(tensors, metadata or {}))


def same(one: Tensor, other: Tensor) -> bool:
    return one.dtype == other.dtype and one.shape == other.shape and torch.equal(one.nan_to_num(), other.nan_to_num())


def file_of(header: object, body: bytes = b"") -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + body


def entry(kind: str = "F32", shape: Any = (1,), offsets: Any = (0, 4)) -> dict[str, Any]:
    return {"dtype": kind, "shape": list(shape), "data_offsets": list(offsets)}


def test_that_what_is_written_is_read_back() -> None:
    tensors = make_tensors()
    metadata, found = decode(write(tensors, {"key": "“value”"}))
    assert metadata == {"key": "“value”"}
    assert found.keys() == tensors.keys()
    assert all(same(found[name], tensor) for name, tensor in tensors.items())


def test_that_the_files_are_ordinary_safetensors_in_both_directions() -> None:
    tensors = make_tensors()
    theirs = safetensors.torch.load(write(tensors))
    assert all(same(theirs[name], tensor) for name, tensor in tensors.items())
    contiguous = {name: tensor.contiguous() for name, tensor in tensors.items()}
    _, ours = decode(safetensors.torch.save(contiguous, {"key": "value"}))
    assert all(same(ours[name], tensor) for name, tensor in tensors.items())


def test_that_tensors_read_own_their_memory_and_can_be_changed() -> None:
    data = write({"a": torch.zeros(2), "b": torch.zeros(2)})
    _, found = decode(data)
    found["a"] += 1
    assert found["b"].tolist() == [0, 0]
    assert decode(data)[1]["a"].tolist() == [0, 0]


def test_that_the_size_is_known_beforehand() -> None:
    tensors = make_tensors()
    assert len(write(tensors)) > size_of(tensors) == sum(t.numel() * t.itemsize for t in tensors.values())


def test_that_a_kind_of_number_that_cannot_be_kept_is_refused() -> None:
    with pytest.raises(TypeError, match="complex"):
        write({"a": torch.zeros(1, dtype=torch.complex64)})


F = b"\0" * 4
DAMAGED: dict[str, bytes] = {
    "empty": b"",
    "only a length": struct.pack("<Q", 0),
    "a length beyond the end": struct.pack("<Q", 100) + b"{}",
    "an enormous length": struct.pack("<Q", 2**63) + b"{}",
    "not JSON": file_of(b"not json"),
    "not text": file_of(b'{"\xff": 1}'),
    "a list": file_of([1]),
    "nested beyond reason": file_of(b"[" * 100_000 + b"]" * 100_000),
    "a name twice": file_of(
        b'{"a":' + json.dumps(entry()).encode() + b',"a":' + json.dumps(entry()).encode() + b"}", F
    ),
    "not a number": file_of(b'{"__metadata__": {}, "a": NaN}'),
    "an infinite number": file_of(b'{"a": 1e999}'),
    "metadata that are no text": file_of({"__metadata__": {"a": 1}}),
    "metadata that are a list": file_of({"__metadata__": []}),
    "an entry that is a number": file_of({"a": 1}),
    "an entry with more in it": file_of({"a": entry() | {"more": 1}}, F),
    "an unknown kind": file_of({"a": entry("F31")}, F),
    "a kind that is a list": file_of({"a": entry() | {"dtype": []}}, F),
    "a negative dimension": file_of({"a": entry(shape=[-1])}, F),
    "a broken dimension": file_of({"a": entry(shape=[1.0])}, F),
    "yes for a dimension": file_of({"a": entry(shape=[True])}, F),
    "a dimension too many": file_of({"a": entry(shape=[1] * 17)}, F),
    "an enormous shape": file_of({"a": entry(shape=[2**62, 2**62])}, F),
    "one offset": file_of({"a": entry(offsets=[0])}, F),
    "offsets back to front": file_of({"a": entry(offsets=[4, 0])}, F),
    "a size that is not its shape's": file_of({"a": entry(offsets=[0, 8])}, F + F),
    "a gap": file_of({"a": entry(), "b": entry(offsets=[8, 12])}, F * 3),
    "a gap at the beginning": file_of({"a": entry(offsets=[4, 8])}, F * 2),
    "an overlap": file_of({"a": entry(), "b": entry(offsets=[0, 4])}, F),
    "more than the header says": file_of({"a": entry()}, F + b"x"),
    "less than the header says": file_of({"a": entry()}, F[:3]),
    "neither yes nor no": file_of({"a": entry("BOOL", [1], [0, 1])}, b"\x02"),
}


@pytest.mark.parametrize("what", DAMAGED)
def test_that_it_refuses_with_a_sentence(what: str) -> None:
    with pytest.raises(CheckpointError, match="damaged"):
        decode(DAMAGED[what])


def test_that_content_other_than_what_was_written_is_noticed() -> None:
    data = write(make_tensors())
    check_hash(data, None)
    with pytest.raises(CheckpointError, match="damaged"):
        check_hash(data, "0" * 64)


def mutations() -> Iterator[bytes]:
    data = write({"weight": torch.ones(3, 2), "steps": torch.tensor(7)}, {"genstudio": "{}"})
    yield from (data[:length] for length in range(len(data)))
    for place in range(len(data)):
        for value in (0, data[place] ^ 1, data[place] ^ 0x80, 255):
            yield data[:place] + bytes([value]) + data[place + 1 :]


def test_that_damage_anywhere_ends_in_a_sentence_or_in_tensors_never_in_anything_else() -> None:
    refused = 0
    for data in mutations():
        try:
            decode(data)
        except CheckpointError:
            refused += 1
    assert refused > 500


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=300))
def test_that_any_bytes_at_all_are_refused_with_a_sentence(data: bytes) -> None:
    with pytest.raises(CheckpointError):
        decode(data)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12), inner, max_size=3),
    max_leaves=10,
)


@settings(max_examples=300, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(["__metadata__", "a", "b"]),
        st.fixed_dictionaries({"dtype": json_values, "shape": json_values, "data_offsets": json_values}) | json_values,
    ),
    st.binary(max_size=16),
)
def test_that_any_header_at_all_ends_in_a_sentence_or_in_tensors(header: object, body: bytes) -> None:
    try:
        _, tensors = decode(file_of(header, body))
    except CheckpointError:
        return
    assert size_of(tensors) == len(body)


def test_that_ordinary_json_is_understood() -> None:
    assert strict_json(b'{"a": [1, 2.5, null, true, "x"], "b": {}}') == {"a": [1, 2.5, None, True, "x"], "b": {}}
