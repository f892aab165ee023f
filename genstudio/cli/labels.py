"""The command that asks a model for labels."""

import argparse

from genstudio.cli.console import Answer, Console, table
from genstudio.cli.pictures import given_picture
from genstudio.cli.workspaces import project_of_run, run_name, workspace
from genstudio.core import words
from genstudio.jobs.classifying import Classification, Posterior, classify_run, posterior_of
from genstudio.jobs.workspace import Workspace

_SHOWN = 8
_LIKELY = 5
_BY_BAYES = "; this model learned to draw, and names the label under which a picture is most probable"


def classify(arguments: argparse.Namespace, console: Console) -> Answer:
    """Name the labels of given pictures or, without any, of held-out ones, with a plain classifier to compare with."""
    with workspace(project_of_run(arguments.target, arguments.project)) as ws:
        run = ws.project.run(run_name(arguments.target)).id
        if arguments.images:
            return _named(ws, run, arguments.images, arguments.checkpoint)
        answer = classify_run(
            ws,
            run,
            checkpoint=arguments.checkpoint,
            limit=arguments.limit,
            progress=console.progress,
            cancelled=lambda: False,
        )
    return _compared(answer)


def _named(ws: Workspace, run: str, images: list[str], checkpoint: int | None) -> Answer:
    import numpy as np

    pictures = np.stack([given_picture(ws, run, image) for image in images])
    found = posterior_of(ws, run, pictures, checkpoint=checkpoint)
    rows = [("PICTURE", "MOST PROBABLE LABELS")]
    rows += [(image, _likely(one)) for image, one in zip(images, found, strict=True)]
    document = [{"image": image, "labels": dict(one.shares)} for image, one in zip(images, found, strict=True)]
    return Answer(table(rows), {"pictures": document})


def _likely(posterior: Posterior) -> str:
    return ", ".join(f"{label} {share:.1%}" for label, share in posterior.shares[:_LIKELY] if share >= 0.0005)


def _compared(answer: Classification) -> Answer:
    found, plain = answer.found, answer.plain
    own = "this model" if answer.is_direct else "this model, by Bayes' rule"
    rows = [
        ("LABELS SAID BY", "RIGHT", "NATS"),
        (own, f"{found.accuracy:.1%}", words.figure(found.nats)),
        ("a plain classifier, same pictures", f"{plain.accuracy:.1%}", words.figure(plain.nats)),
        ("always the commonest label", f"{answer.chance:.1%}", ""),
    ]
    sentences = (
        f"Of {found.count:,} held-out pictures. The plain classifier learned nothing but to tell labels apart"
        f"{'' if answer.is_direct else _BY_BAYES}. Nats say how much was missing, on average, to be sure of the true "
        "label."
    )
    document = {
        "accuracy": found.accuracy,
        "plain_accuracy": plain.accuracy,
        "chance": answer.chance,
        "count": found.count,
        "nats": found.nats,
        "plain_nats": plain.nats,
        "labels": list(answer.labels),
        "confusion": found.confusion.tolist(),
    }
    return Answer("\n".join([table(rows), sentences, *_confusions(answer)]), document)


def _confusions(answer: Classification) -> list[str]:
    """What is mistaken for what, most often first."""
    rows = [(str(times), true, said) for true, said, times in answer.mistakes[:_SHOWN]]
    return ["", table([("TIMES", "TRUE LABEL", "TAKEN FOR"), *rows])] if rows else []
