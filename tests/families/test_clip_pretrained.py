"""Weights that were trained elsewhere: the same numbers as the public implementation, and refusals in sentences.

`clip_weights/` holds tiny weights and what that implementation makes of them; see `make_clip_reference.py`.
"""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from genstudio.core.errors import FamilyError
from genstudio.core.spec import DataSpec
from genstudio.data.source import BatchSource
from genstudio.testing.lab import BATCH, CPU, SPECS
from genstudio.testing.matching import check_matches
from genstudio.testing.pictures import made_for
from genstudio.testing.standins import StandIns
from genstudio.training.checkpoint import learner_tensors, load_learner_tensors
from genstudio.training.guard import Guard
from genstudio.training.previews import evaluating
from genstudio_clip import FAMILY
from genstudio_clip.bytepairs import BytePairs
from genstudio_clip.config import ClipConfig
from genstudio_clip.folder import Blueprint
from genstudio_clip.original import OriginalTowers
from genstudio_clip.pretrained import PretrainedLearner
from genstudio_clip.towers import layered

FOLDER = Path(__file__).parent / "clip_weights"
SPEC = next(spec for spec in SPECS if spec.captioned)


@pytest.fixture(scope="module")
def reference() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FOLDER / "reference.json").read_text())
    return found


def learner(folder: Path = FOLDER, spec: DataSpec = SPEC) -> PretrainedLearner:
    torch.manual_seed(0)
    config = ClipConfig(pretrained=str(folder), batch_size=BATCH, images=80, learning_rate=0.1)
    built = FAMILY.build(config, spec, StandIns(spec))
    assert isinstance(built, PretrainedLearner)
    return built.eval()


def towers() -> OriginalTowers:
    found = learner().towers
    assert isinstance(found, OriginalTowers)
    return found


def test_that_texts_become_the_same_tokens(reference: dict[str, Any]) -> None:
    reader = Blueprint.of_folder(FOLDER).reader()
    for text, numbers in zip(reference["texts"], reference["numbers"], strict=True):
        tokens = reader([text], CPU)
        assert tokens.rows[0][tokens.known[0]].tolist() == numbers, text


@torch.no_grad()
def test_that_texts_and_pictures_become_the_same_vectors(reference: dict[str, Any]) -> None:
    model = learner()
    words, whole = model.towers.hear(model.reader(reference["texts"], CPU))
    assert torch.allclose(whole, torch.tensor(reference["wholes"]), atol=1e-5)
    first = torch.tensor(reference["words"])
    assert torch.allclose(words[0, : len(first)], first, atol=1e-5)
    pixels = torch.randn(2, 3, 30, 30, generator=torch.Generator().manual_seed(1))
    seen = towers().visual_projection(towers().vision_model(pixels))
    assert torch.allclose(seen, torch.tensor(reference["seen"]), atol=1e-5)
    assert model.towers.logit_scale.item() == pytest.approx(reference["scale"])


@torch.no_grad()
def test_that_pictures_are_prepared_alike(reference: dict[str, Any]) -> None:
    rows, columns = torch.meshgrid(torch.arange(20), torch.arange(26), indexing="ij")
    picture = torch.stack([rows * 12, columns * 9, (rows * columns) % 200]).float()[None] / 127.5 - 1
    apart = (towers().prepared(layered(picture)) - torch.tensor(reference["prepared"])).abs()
    levels = (apart * towers().spread * 255)[0]
    assert levels[:2].max() < 1  # the public one rounds to whole levels
    assert levels[2].mean() < 0.5  # and cuts off what overshoots at sharp edges before it is done


@torch.no_grad()
def test_that_transparent_parts_are_laid_over_white() -> None:
    clear = torch.full((1, 4, 16, 16), -1.0)
    assert torch.allclose(towers().prepared(layered(clear)), towers().prepared(layered(torch.ones(1, 3, 16, 16))))


def test_that_it_reads_and_looks_as_every_matching_family_must() -> None:
    batch = BatchSource(made_for(SPEC), range(4), batch_size=4, seed=0, device=CPU).fixed(range(4), 0)
    with evaluating(model := learner()):
        check_matches(None, model, batch)  # type: ignore[arg-type] # it needs no lab


def steps(model: PretrainedLearner, clock: range) -> dict[str, Tensor]:
    source = BatchSource(made_for(SPEC), range(SPEC.count), batch_size=BATCH, seed=0, device=CPU)
    guard = Guard(model.train(), clock.start, CPU)
    for images_seen in clock:
        guard.step(source.batch(images_seen), BATCH)
    assert not guard.tripped
    return {name: tensor.clone() for name, tensor in learner_tensors(model).items()}


def test_that_training_changes_the_last_layers_only_and_little() -> None:
    before = {name: tensor.clone() for name, tensor in learner().towers.state_dict().items()}
    model = learner()
    steps(model, range(0, 5 * BATCH, BATCH))
    changed = {name for name, tensor in model.towers.state_dict().items() if not torch.equal(tensor, before[name])}
    assert "visual_projection.weight" in changed and "text_model.encoder.layers.1.mlp.fc1.weight" in changed
    assert not any("layers.0." in name or "embedding" in name for name in changed)


class FromCheckpoint(StandIns):
    """Lends what a checkpoint holds."""

    def __init__(self, tensors: dict[str, Tensor]) -> None:
        super().__init__(SPEC)
        self.tensors = tensors

    def kept(self, name: str) -> Tensor | None:  # type: ignore[override] # learners of the suite are all new
        return self.tensors[f"model/{name}"]


def test_that_a_checkpoint_needs_no_folder(tmp_path: Path) -> None:
    folder = tmp_path / "weights"
    shutil.copytree(FOLDER, folder)
    begun = learner(folder)
    tensors = steps(begun, range(0, 3 * BATCH, BATCH))
    whole = steps(begun, range(3 * BATCH, 6 * BATCH, BATCH))
    shutil.rmtree(folder)
    config = ClipConfig(pretrained=str(folder), batch_size=BATCH, images=80, learning_rate=0.1)
    resumed = FAMILY.build(config, SPEC, FromCheckpoint(tensors))
    assert isinstance(resumed, PretrainedLearner)
    load_learner_tensors(resumed, tensors)
    again = steps(resumed, range(3 * BATCH, 6 * BATCH, BATCH))
    assert all(torch.equal(tensor, again[name]) for name, tensor in whole.items())


@pytest.mark.parametrize(
    ("file", "content", "said"),
    [
        ("config.json", None, "config.json cannot be read"),
        ("config.json", "[1]", "config.json is garbled"),
        ("config.json", '{"text_config": {"hidden_size": "wide"}}', "text_config.hidden_size"),
        ("config.json", "{}", "model.safetensors"),
        ("vocab.json", '{"a": 0}', "vocab.json lacks"),
        ("merges.txt", "a b c\n", "merges.txt has lines"),
        ("model.safetensors", "PK pickled", "is damaged or no safetensors"),
        ("model.safetensors", None, "model.safetensors cannot be read"),
    ],
)
def test_that_a_wrong_folder_gets_a_sentence(tmp_path: Path, file: str, content: str | None, said: str) -> None:
    folder = tmp_path / "weights"
    shutil.copytree(FOLDER, folder)
    (folder / file).unlink()
    if content is not None:
        (folder / file).write_text(content)
    with pytest.raises(FamilyError) as raised:
        learner(folder)
    assert said in str(raised.value) and "Choose a folder" in str(raised.value)


def test_that_pairs_are_merged_by_rank_and_in_all_places() -> None:
    vocabulary = {"<|startoftext|>": 0, "<|endoftext|>": 1, "ab": 2, "ab</w>": 3, "a": 4, "b</w>": 5, "abab</w>": 6}
    merges = [("a", "b"), ("a", "b</w>"), ("ab", "ab</w>")]
    tokens = BytePairs(vocabulary, merges, 8)(["ABAB ababz"], CPU)
    assert tokens.rows[0].tolist() == [0, 6, 2, 2, 1, 1]  # z is unknown
