"""Checks of what a trained family can do: its samples, its previews, and every ability it declares."""

from collections.abc import Callable, Iterable
from dataclasses import replace

import torch
from torch import Tensor
from torch.nn import functional as F

from genstudio.core.abilities import Ability
from genstudio.data.batches import Batch
from genstudio.testing.lab import BATCH, Lab, differing, state
from genstudio.testing.matching import check_matches
from genstudio.testing.pictures import described
from genstudio.testing.report import Broken, require
from genstudio.training.learner import (
    Autoencodes,
    Completes,
    CompletionRequest,
    Interpolates,
    Learner,
    MapsSurprise,
    PreviewRequest,
    Reconstructs,
    RestyleRequest,
    Restyles,
    Samples,
    ScoresAnomaly,
    ScoresLikelihood,
    Tokenises,
    UpscaleRequest,
    Upscales,
)
from genstudio.training.previews import evaluating

_N = 4
_ALIKE = 0.2  # on a scale from -1 to 1
_VISIBLE = 0.01  # on a scale from -1 to 1: about one level of 255


def check_samples(lab: Lab) -> str:
    """Same seed, same pixels; other seed, other pixels; a sample does not depend on its neighbours."""
    if Ability.SAMPLE not in lab.family.abilities:
        return "not looked at: it does not declare the ability"
    learner = lab.learner()
    lab.train(learner, steps=3)
    first = lab.sample(learner, 7, range(_N))
    lab.check_pictures(first, _N, "Samples")
    again, other = lab.sample(learner, 7, range(_N)), lab.sample(learner, 8, range(_N))
    require(torch.equal(first, again), "The same seed gave other pixels: all noise must come from request.noise.")
    require(not torch.equal(first, other), "Another seed gave the same pixels.")
    require(not torch.equal(first[0], first[1]), "Two samples of one seed are the same picture.")
    halves = torch.cat([lab.sample(learner, 7, range(2)), lab.sample(learner, 7, range(2, _N))])
    apart = float(((halves - first).abs() > _VISIBLE).float().mean())
    require(
        apart < 0.01, f"Drawn in two halves, {apart:.1%} of the numbers differ: samples depend on their neighbours."
    )
    return "same seed, same pixels; other seed, other pixels; alone as in company"


def check_embeddings(lab: Lab) -> str:
    """A family that says so heeds the numbers that come with pictures: with others, it draws others."""
    if not lab.family.embeddings:
        return "not looked at: it heeds none"
    dataset = described()
    learner, source = lab.learner(spec=dataset.spec), lab.source(dataset)
    for images_seen in range(0, 4 * BATCH, BATCH):
        learner.step(source.batch(images_seen))
    drawn = []
    for told in (None, torch.tensor([1.0, 0, 0]), torch.tensor([0, 0, 1.0])):
        request = replace(lab.request(0, range(_N)), embeddings=None if told is None else told.expand(_N, -1))
        if not isinstance(learner, Samples):
            raise Broken("It heeds embeddings, but its learner has no method sample.")
        with evaluating(learner):
            drawn.append(learner.sample(request))
        lab.check_pictures(drawn[-1], _N, "Pictures by embedding", dataset.spec)
    require(not torch.equal(drawn[1], drawn[2]), "Two embeddings give the same pixels.")
    return "other embeddings, other pixels; none is right too"


def check_previews(lab: Lab) -> str:
    """Previews are pictures, and making them leaves no trace."""
    learner = lab.learner()
    lab.train(learner)
    before, modes = state(learner), [module.training for module in learner.modules()]
    examples = lab.source().fixed(range(_N), 0)
    with evaluating(learner):
        request = replace(lab.request(0, range(_N), examples.labels), texts=examples.captions)
        shown = list(learner.previews(PreviewRequest(request, examples)))
    for name, images in shown:
        lab.check_pictures(images, len(images), f"The preview “{name}”")
    for name in differing(before, state(learner)):
        raise Broken(f"Making a preview changes “{name}”.")
    require(modes == [module.training for module in learner.modules()], "Making a preview changes modes of modules.")
    return ", ".join(name for name, _ in shown) or "none"


def check_abilities(lab: Lab) -> str:
    """Every ability declared has its methods, and they work, wherever a model has it."""
    declared = lab.family.abilities
    for ability in sorted(declared - _CHECKS.keys()):
        raise Broken(f"“{ability}” has no protocol in this version of GenStudio.")
    left = set(declared)
    for place in lab.places():
        if place.able & left:
            _check_able(place, place.able & left)
            left -= place.able
        if not left:
            break
    never = ", ".join(f"“{ability}”" for ability in sorted(left))
    require(not left, f"It declares {never}, which no model of it has on any of the pictures it accepts.")
    return ", ".join(sorted(declared))


def _check_able(lab: Lab, abilities: Iterable[Ability]) -> None:
    learner = lab.learner()
    lab.train(learner, steps=2)
    batch = lab.source().fixed(range(_N), 0)
    for ability in sorted(abilities):
        with evaluating(learner):
            _CHECKS[ability](lab, learner, batch)
    if Ability.TEXT_CONDITION in lab.family.abilities - lab.able:
        prompted = _by_text(lab, learner, "A ring on the left")
        require(
            torch.equal(prompted, _by_text(lab, learner, "")), "It cannot draw by text, and heeds one all the same."
        )


def _samples(lab: Lab, learner: Learner, _: Batch) -> None:
    require(isinstance(learner, Samples), "It declares “sample” but has no method sample.")
    lab.check_pictures(lab.sample(learner, 0, range(1)), 1, "A single sample")


def _class_condition(lab: Lab, learner: Learner, _: Batch) -> None:
    require(bool(lab.spec.classes), "It declares “class-condition” but accepts no labelled pictures.")
    drawn = [lab.sample(learner, 0, range(_N), torch.full((_N,), label)) for label in (0, 1)]
    require(not torch.equal(*drawn), "Two labels give the same pixels.")


def _text_condition(lab: Lab, learner: Learner, _: Batch) -> None:
    ring, disc, nothing = (_by_text(lab, learner, text) for text in ("A ring on the left", "A disc on the right", ""))
    lab.check_pictures(ring, _N, "Pictures by text")
    require(not torch.equal(ring, disc), "Two texts give the same pixels.")
    require(
        torch.equal(ring, _by_text(lab, learner, "A ring on the left")), "The same text and seed give other pixels."
    )
    require(torch.equal(nothing, lab.sample(learner, 0, range(_N))), "An empty text is not the same as none.")


def _by_text(lab: Lab, learner: Learner, text: str) -> Tensor:
    if not isinstance(learner, Samples):
        raise Broken("It declares “text-condition”, but its learner has no method sample.")
    with evaluating(learner):
        return learner.sample(replace(lab.request(0, range(_N)), texts=(text,) * _N))


def _reconstructs(lab: Lab, learner: Learner, batch: Batch) -> None:
    if not isinstance(learner, Reconstructs):
        raise Broken("It declares “reconstruct” but has no method reconstruct.")
    redrawn = learner.reconstruct(batch.images.clone())
    lab.check_pictures(redrawn, _N, "Reconstructions")
    require(torch.equal(redrawn, learner.reconstruct(batch.images.clone())), "It redraws the same picture differently.")


def _interpolates(lab: Lab, learner: Learner, batch: Batch) -> None:
    if not isinstance(learner, Interpolates):
        raise Broken("It declares “interpolate” but lacks draw_latents, encode or decode.")
    drawn, encoded = learner.draw_latents(lab.request(0, range(_N))), learner.encode(batch.images.clone())
    require(drawn.shape[0] == _N, f"draw_latents gives {drawn.shape[0]} latents for {_N} samples.")
    require(drawn.shape == encoded.shape, f"Latents have shape {tuple(drawn.shape)}, encoded {tuple(encoded.shape)}.")
    again = learner.draw_latents(lab.request(0, range(_N)))
    require(torch.equal(drawn, again), "The same seed gives other latents.")
    for what, latents in (("drawn", drawn), ("encoded", encoded), ("blended", (drawn + encoded) / 2)):
        lab.check_pictures(learner.decode(latents, lab.request(0, range(_N))), _N, f"Decoded {what} latents")


def _likelihood(lab: Lab, learner: Learner, batch: Batch) -> None:
    if not isinstance(learner, ScoresLikelihood):
        raise Broken("It declares “likelihood” but lacks log_likelihood or likelihood_kind.")
    require(learner.likelihood_kind in ("exact", "lower bound"), "likelihood_kind is “exact” or “lower bound”.")
    nats = learner.log_likelihood(batch)
    require(tuple(nats.shape) == (_N,), f"log_likelihood has shape {tuple(nats.shape)}, not ({_N},).")
    require(bool(torch.isfinite(nats).all()), "log_likelihood is not finite.")
    require(bool((nats <= 0).all()), "The probability of a picture of whole levels cannot exceed 1.")
    again = learner.log_likelihood(lab.source().fixed(range(_N), 0))
    require(torch.equal(nats, again), "The same pictures and noise give another likelihood.")


def _completes(lab: Lab, learner: Learner, batch: Batch) -> None:
    if not isinstance(learner, Completes):
        raise Broken("It declares “complete” but lacks complete or completion_note.")
    known = torch.ones(_N, lab.spec.height, lab.spec.width, dtype=torch.bool)
    known[:, lab.spec.height // 2 :] = False
    images = batch.images.clone()
    first, again, other = (
        learner.complete(CompletionRequest(lab.request(seed, range(_N)), images, known)) for seed in (0, 0, 1)
    )
    lab.check_pictures(first, _N, "Completed pictures")
    kept = known[:, None].expand_as(images)
    require(torch.equal(first[kept], images[kept]), "Completing changes pixels that were given.")
    require(torch.equal(first, again), "The same seed completes a picture differently.")
    require(not torch.equal(first, other), "Another seed completes a picture in the same way.")
    require(isinstance(learner.completion_note(known[0]), str), "completion_note must return a sentence or nothing.")


def _restyles(lab: Lab, learner: Learner, batch: Batch) -> None:
    if not isinstance(learner, Restyles):
        raise Broken("It declares “image-to-image” but has no method restyle.")
    images = batch.images.clone()

    def drawn(strength: float) -> Tensor:
        return learner.restyle(RestyleRequest(lab.request(0, range(_N)), images, strength))

    for strength in (0.0, 0.5, 1.0):
        lab.check_pictures(drawn(strength), _N, f"Pictures restyled with strength {strength}")
    require(torch.equal(drawn(0.0), images), "Restyling with strength 0 must give the pictures back.")
    require(torch.equal(drawn(0.5), drawn(0.5)), "The same seed restyles a picture differently.")
    require(not torch.equal(drawn(0.5), images), "Restyling with strength 0.5 changes nothing.")


def _upscales(lab: Lab, learner: Learner, batch: Batch) -> None:
    if not isinstance(learner, Upscales):
        raise Broken("It declares “upscale” but lacks upscale or upscale_factor.")
    factor = learner.upscale_factor
    require(factor >= 2, f"Its upscale_factor is {factor}; it must be at least 2.")
    small = F.interpolate(batch.images, size=(lab.spec.height // 2, lab.spec.width // 2 - 1), mode="area")
    size = {"height": factor * small.shape[2], "width": factor * small.shape[3]}
    first, again, other = (learner.upscale(UpscaleRequest(lab.request(seed, range(_N)), small)) for seed in (0, 0, 1))
    lab.check_pictures(first, _N, "Enlarged pictures", lab.spec.model_copy(update=size))
    require(torch.equal(first, again), "The same seed enlarges a picture differently.")
    require(not torch.equal(first, other), "Another seed enlarges a picture in the same way.")
    apart = float((F.avg_pool2d(first, factor) - small).abs().mean())
    require(apart < _ALIKE, f"Made small again, enlarged pictures are {apart:.2f} away from the given ones.")


def _surprise(lab: Lab, learner: Learner, _: Batch) -> None:
    if not isinstance(learner, MapsSurprise):
        raise Broken("It declares “surprise” but has no method surprise.")
    nats = learner.surprise(lab.source().fixed(range(_N), 0))  # with the same noise as the likelihood below
    wanted = (_N, lab.spec.height, lab.spec.width)
    require(tuple(nats.shape) == wanted, f"surprise has shape {tuple(nats.shape)}, not {wanted}.")
    require(bool(torch.isfinite(nats).all()), "surprise is not finite.")
    if isinstance(learner, ScoresLikelihood):
        whole = -learner.log_likelihood(lab.source().fixed(range(_N), 0))
        same = torch.allclose(nats.sum((1, 2)), whole, rtol=1e-3)
        require(same, "The surprise of a picture's pixels does not add up to minus its log-likelihood.")


def _anomaly(lab: Lab, learner: Learner, batch: Batch) -> None:
    if not isinstance(learner, ScoresAnomaly):
        raise Broken("It declares “score-anomaly” but lacks anomaly or anomaly_score.")
    require(learner.anomaly_score.strip().endswith("."), "anomaly_score must say in a sentence what the score is.")
    found, again = learner.anomaly(batch), learner.anomaly(lab.source().fixed(range(_N), 0))
    wanted = (_N, lab.spec.height, lab.spec.width)
    require(tuple(found.scores.shape) == (_N,), f"Anomaly scores have shape {tuple(found.scores.shape)}, not ({_N},).")
    require(tuple(found.maps.shape) == wanted, f"Anomaly maps have shape {tuple(found.maps.shape)}, not {wanted}.")
    finite = torch.isfinite(found.scores).all() & torch.isfinite(found.maps).all()
    require(bool(finite), "Anomaly scores are not finite.")
    require(bool((found.maps >= 0).all()), "An anomaly map falls below 0.")
    require(torch.equal(found.scores, again.scores), "The same pictures and noise give other anomaly scores.")


def _autoencodes(lab: Lab, learner: Learner, batch: Batch) -> None:
    if not isinstance(learner, Autoencodes):
        raise Broken("It declares “encode” but lacks latent_shape, to_latents or from_latents.")
    latents = learner.to_latents(batch.images.clone())
    wanted = (_N, *learner.latent_shape)
    require(tuple(latents.shape) == wanted, f"Latent maps have shape {tuple(latents.shape)}, not {wanted}.")
    require(torch.equal(latents, learner.to_latents(batch.images.clone())), "The same picture gives other latents.")
    lab.check_pictures(learner.from_latents(latents), _N, "Pictures of latent maps")


def _tokenises(lab: Lab, learner: Learner, batch: Batch) -> None:
    if not isinstance(learner, Tokenises):
        raise Broken("It declares “tokenise” but lacks code_count, code_shape, codes or decode_codes.")
    codes = learner.codes(batch.images.clone())
    wanted = (_N, *learner.code_shape)
    require(tuple(codes.shape) == wanted, f"Codes have shape {tuple(codes.shape)}, not {wanted}.")
    require(codes.dtype == torch.int64, f"Codes are {codes.dtype}, not int64.")
    require(bool(((codes >= 0) & (codes < learner.code_count)).all()), "A code lies outside of 0 to code_count - 1.")
    lab.check_pictures(learner.decode_codes(codes), _N, "Pictures of codes")


_CHECKS: dict[Ability, Callable[[Lab, Learner, Batch], None]] = {
    Ability.SAMPLE: _samples,
    Ability.CLASS_CONDITION: _class_condition,
    Ability.TEXT_CONDITION: _text_condition,
    Ability.RECONSTRUCT: _reconstructs,
    Ability.INTERPOLATE: _interpolates,
    Ability.LIKELIHOOD: _likelihood,
    Ability.COMPLETE: _completes,
    Ability.IMAGE_TO_IMAGE: _restyles,
    Ability.UPSCALE: _upscales,
    Ability.SURPRISE: _surprise,
    Ability.SCORE_ANOMALY: _anomaly,
    Ability.ENCODE: _autoencodes,
    Ability.TOKENISE: _tokenises,
    Ability.MATCH_TEXT: check_matches,
}
