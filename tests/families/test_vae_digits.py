"""What semi-supervised learning and anomaly detection are worth, on scikit-learn's small handwritten digits."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from sklearn.datasets import load_digits
from torch import Tensor

from genstudio.data.dataset import ImageDataset
from genstudio.data.source import BatchSource
from genstudio.evaluation.anomaly import judge, roc
from genstudio.testing.lab import NoRuns
from genstudio.training.learner import Learner
from genstudio.training.previews import evaluating
from genstudio.training.updater import Updater, warmup_cosine
from genstudio_vae.config import VaeConfig
from genstudio_vae.families import FAMILY, SEMI
from genstudio_vae.networks import Shape
from genstudio_vae.relatives import SemiConfig
from genstudio_vae.semi import Classifier, SemiLearner

pytestmark = pytest.mark.slow

CLASSES = tuple("0123456789")
FEW, IMAGES, BATCH = 10, 30_000, 64


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)
    torch.manual_seed(0)


class Digits:
    """1,497 digits to learn from and 300 to try it on, uint8 (N, 1, 8, 8)."""

    def __init__(self) -> None:
        found = load_digits()
        pixels = np.rint(found.images / 16 * 255).astype(np.uint8)[:, None]
        order = np.random.default_rng(0).permutation(len(pixels))
        self.pixels, self.labels = pixels[order], found.target[order].astype(np.int64)

    def few_labels(self, seed: int) -> list[int]:
        """The labels of the first 1,497, all but a few of each hidden."""
        random, kept = np.random.default_rng(seed), np.full(1497, -1)
        for label in range(10):
            kept[random.permutation(np.flatnonzero(self.labels[:1497] == label))[:FEW]] = label
        return [int(label) for label in kept]


def learn(learner: Learner, dataset: ImageDataset) -> None:
    source = BatchSource(dataset, np.arange(len(dataset)), batch_size=BATCH, seed=0, device="cpu")
    for seen in range(0, IMAGES, BATCH):
        learner.train().step(source.batch(seen))


def supervised(digits: Digits, labels: list[int]) -> Tensor:
    """What a classifier of the same networks thinks of the last 300, (300, 10), having seen the labelled ones alone."""
    places = np.flatnonzero(np.array(labels) >= 0)
    dataset = ImageDataset.in_memory(digits.pixels[:1497], labels=labels, classes=CLASSES)
    source = BatchSource(dataset, places, batch_size=32, seed=0, device="cpu")
    classifier = Classifier(Shape.of(dataset.spec, 16), 1, 10, dropout=0.3)
    updater = Updater(classifier, lr=1e-3, clip=1.0, schedule=warmup_cosine(19_200, 3_200))
    for seen in range(0, 19_200, 32):
        batch = source.batch(seen)
        assert batch.labels is not None
        updater.step(F.nll_loss(classifier.train()(batch.images), batch.labels), seen)
    with torch.no_grad():
        names: Tensor = classifier.eval()(pictures(digits.pixels[1497:]))
    return names


def pictures(pixels: NDArray[np.uint8]) -> Tensor:
    return torch.from_numpy(pixels).float() / 127.5 - 1


@pytest.mark.parametrize("told", ["latents", "decoder"])
def test_that_unlabelled_pictures_help_to_name_digits_when_labels_are_few(told: str) -> None:
    digits = Digits()
    truth, labels = torch.from_numpy(digits.labels[1497:]), digits.few_labels(0)
    plain = float((supervised(digits, labels).argmax(1) == truth).float().mean())
    dataset = ImageDataset.in_memory(digits.pixels[:1497], labels=labels, classes=CLASSES)
    config = SemiConfig(images=IMAGES, batch_size=BATCH, latents=8, told=told)
    learner = SEMI.build(config, dataset.spec, NoRuns())
    assert isinstance(learner, SemiLearner)
    learn(learner, dataset)
    with evaluating(learner):
        own = float((learner.class_log_probabilities(pictures(digits.pixels[1497:])).argmax(1) == truth).float().mean())
    assert own > plain + 0.01, f"{own:.3f} with unlabelled digits, {plain:.3f} without"


def test_that_a_digit_it_has_never_seen_is_odder_than_those_it_knows() -> None:
    """0.92 was measured."""
    digits, left_out = Digits(), 4
    known = digits.labels != left_out
    training, heldout = known[:1497], known[1497:]
    dataset = ImageDataset.in_memory(digits.pixels[:1497][training])
    learner = FAMILY.build(VaeConfig(images=IMAGES, batch_size=BATCH, latents=8), dataset.spec, NoRuns())
    learn(learner, dataset)
    usual = digits.pixels[1497:][heldout].transpose(0, 2, 3, 1)
    odd = digits.pixels[~known].transpose(0, 2, 3, 1)
    scores = [judge(learner, images, batch=BATCH, device="cpu").scores for images in (usual, odd)]
    assert roc(*scores).area > 0.85
