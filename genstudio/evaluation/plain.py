"""A plain classifier: it learns nothing but to tell labels apart. What a generative model is compared with.

It models p(label | picture) and nothing else, a discriminative model; a generative one models p(picture | label) and
comes to the labels by Bayes' rule (see `classifier`). With many pictures the first is usually right more often, with
few the second may be (Ng and Jordan 2002). Two small layers of convolutions and one linear layer, learned within
seconds: good enough to stand beside, not the best there is.
"""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from genstudio.core.seeds import mixed_seed
from genstudio.core.spec import DataSpec
from genstudio.data.batches import Batch
from genstudio.data.source import BatchSource
from genstudio.training.learner import Watch, unwatched
from genstudio.training.updater import Updater, warmup_cosine

_LARGEST = 32  # pictures are looked at in this size at most
_FEATURES = (24, 48)
_EPOCHS, _FEWEST, _MOST = 12, 4_000, 100_000  # images to learn from, in all
_RATE = 3e-3


class PlainClassifier(nn.Module):
    """Pictures float32 (B, C, H, W) in [-1, 1] to unnormalised log p(label | picture), (B, classes)."""

    def __init__(self, spec: DataSpec) -> None:
        super().__init__()
        self.size = (min(spec.height, _LARGEST), min(spec.width, _LARGEST))
        first, second = _FEATURES
        places = math.prod(math.ceil(edge / 4) for edge in self.size)
        self.layers = nn.Sequential(
            *(nn.Conv2d(spec.channels, first, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2, ceil_mode=True)),
            *(nn.Conv2d(first, second, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2, ceil_mode=True)),
            *(nn.Flatten(), nn.Dropout(0.3), nn.Linear(second * places, len(spec.classes))),
        )

    def forward(self, images: Tensor) -> Tensor:
        """See the class."""
        if images.shape[2:] != self.size:
            images = F.adaptive_avg_pool2d(images, self.size)
        scores: Tensor = self.layers(images)
        return scores

    def posterior(self, batch: Batch) -> Tensor:
        """Return log p(label | picture) in nats, (B, classes)."""
        return self.forward(batch.images).log_softmax(1)


def learned_plainly(source: BatchSource, *, seed: int, watch: Watch = unwatched) -> PlainClassifier:
    """Learn the labels of the pictures of `source` by cross-entropy; same seed, same classifier.

    It takes about twelve looks at each picture. `watch` hears of pictures, and may raise `Cancelled`.
    """
    torch.manual_seed(mixed_seed("plain classifier", seed))
    classifier = PlainClassifier(source.dataset.spec).to(source.device)
    images = min(max(_EPOCHS * len(source.indices), _FEWEST), _MOST)
    schedule = warmup_cosine(images, images // 20)
    update = Updater(classifier, lr=_RATE, weight_decay=0.05, clip=1.0, schedule=schedule)
    for images_seen in range(0, images, source.batch_size):
        batch = source.batch(images_seen)
        assert batch.labels is not None
        update.step(F.cross_entropy(classifier(batch.images), batch.labels), images_seen)
        watch(min(images_seen + source.batch_size, images), images)
    return classifier.eval()
