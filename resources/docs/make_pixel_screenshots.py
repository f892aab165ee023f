"""Pictures what models of pixels in order can do in the window: drawing, completing, surprise, naming labels.

    .venv/bin/python -m resources.docs.make_pixel_screenshots [--images 150000] [--project FOLDER]

A PixelCNN is trained on the built-in glyphs first, unless a project is given: then its newest run is used, in a copy.
"""

import argparse
import shutil
from collections.abc import Iterator
from pathlib import Path

from genstudio.core.control import Control
from genstudio.core.settings import RunSettings
from genstudio.data.options import ImportOptions
from genstudio.jobs.given import dataset_picture
from genstudio.jobs.importing import import_dataset
from genstudio.jobs.training import create_run, train_run
from genstudio.ui.app import Session
from genstudio.ui.context import Place, Subject, SubjectKind
from genstudio.ui.pages.generate import GeneratePage
from resources.docs.make_screenshots import Condition, Story, never, quiet, tell

_SIZE, _LABEL = 16, "R"


class PixelStory(Story):
    """The places where a picture is drawn, finished and judged."""

    def __init__(self, session: Session, projects: Path, images: int, project: Path | None) -> None:
        self._given_project = project
        super().__init__(session, projects, images)

    def play(self) -> Iterator[Condition]:
        """The story."""
        yield lambda: self.context.made_studio is not None
        folder = self.projects / "Letters"
        if self._given_project is None:
            self.context.projects.create(folder)
        else:
            shutil.copytree(self._given_project, folder)
            self.context.projects.open(folder)
        yield lambda: self.context.project is not None
        if self._given_project is None:
            yield self._done(self._learn)
        run = self.context.workspace.project.runs()[0]
        self.window.go(Place.GENERATE, Subject(SubjectKind.RUN, run.id))
        yield self._rest(3)
        page = self.window.page(Place.GENERATE)
        assert isinstance(page, GeneratePage)
        yield from self._draw(page)
        yield from self._complete(page, run.id)
        yield from self._judge(page)

    def _learn(self) -> None:
        workspace = self.context.workspace
        options = ImportOptions(width=_SIZE, height=_SIZE, mode="grey")
        data, _ = import_dataset(workspace, "glyphs", options, "Glyphs", quiet, never)
        config = workspace.host.family("pixelcnn").presets["Balanced"].replaced({"images": self.images})
        run = create_run(workspace, "pixelcnn", config, data.id, RunSettings(), "Letters")
        train_run(workspace, run.id, lambda _: None, Control())

    def _draw(self, page: GeneratePage) -> Iterator[Condition]:
        page.make.source.choose_label(_LABEL)
        page.make.count.turn({"count": 16, "batch": 16})
        page.make.options.turn(page.make.source.family, {"guidance": 2.0})  # type: ignore[arg-type]  # it is there
        page.make.chance.keep(3)
        page.generate()
        yield lambda: not page.job.busy and page.stage.drawing.has_frames()
        yield self._rest(1)
        slider = page.stage.drawing.slider
        slider.setValue(round(0.6 * slider.maximum()))
        yield self._rest(1)
        yield from self._picture("generate-drawing")

    def _complete(self, page: GeneratePage, run: str) -> Iterator[Condition]:
        page.make.choose_tool("complete")
        page.make.given.show_picture(dataset_picture(self.context.workspace, run, 6000), "")
        page.make.count.turn({"count": 12, "batch": 12})
        page.make.source.choose_label(None)
        page.make.options.turn(page.make.source.family, {"guidance": 1.0})  # type: ignore[arg-type]  # it is there
        yield self._rest(2)
        page.generate()
        yield lambda: not page.job.busy
        page.stage.hide()
        yield self._rest(2)
        yield from self._picture("generate-complete")

    def _judge(self, page: GeneratePage) -> Iterator[Condition]:
        page.make.choose_tool("surprise")
        page.stage.ask_surprise()
        yield page.stage.surprise.isVisible
        yield self._rest(2)
        yield from self._picture("generate-surprise")
        page.make.name_labels.click()
        yield page.stage.naming.isVisible
        yield self._rest(2)
        yield from self._picture("generate-labels")


def main() -> None:
    """Play the story in a folder that is forgotten afterwards."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=int, default=150_000, help="how long the model on show is trained")
    parser.add_argument("--project", type=Path, help="a project whose newest run is shown in place of a new one")
    arguments = parser.parse_args()
    project = None if arguments.project is None else arguments.project.resolve()
    tell(lambda session, projects: PixelStory(session, projects, arguments.images, project))


if __name__ == "__main__":
    main()
