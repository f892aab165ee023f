"""Pictures drawing by words in the window: what was typed, what came of it, and how one picture came about.

    .venv/bin/python -m resources.docs.make_words_screenshots PROJECT RUN [--prompts "red heart" ...]

The project must hold a run that draws by words; it is shown in a copy.
"""

import argparse
import shutil
from collections.abc import Iterator
from pathlib import Path

from genstudio.ui.app import Session
from genstudio.ui.context import Place, Subject, SubjectKind
from genstudio.ui.pages.generate import GeneratePage
from resources.docs.make_screenshots import Condition, Story, tell


class WordsStory(Story):
    """Asks for pictures by words."""

    def __init__(self, session: Session, projects: Path, project: Path, run: str, prompts: list[str]) -> None:
        self._project, self._run, self._prompts = project, run, prompts
        super().__init__(session, projects, 0)

    def play(self) -> Iterator[Condition]:
        """The story."""
        yield lambda: self.context.made_studio is not None
        folder = self.projects / "Emoji"
        shutil.copytree(self._project, folder)
        self.context.projects.open(folder)
        yield lambda: self.context.project is not None
        run = next(run for run in self.context.workspace.project.runs() if run.name == self._run)
        self.window.go(Place.GENERATE, Subject(SubjectKind.RUN, run.id))
        yield self._rest(3)
        page = self.window.page(Place.GENERATE)
        assert isinstance(page, GeneratePage)
        page.make.count.turn({"count": 8, "batch": 8})
        page.make.options.turn(page.make.source.family, {"guidance": 3.0})  # type: ignore[arg-type]  # it is there
        for seed, prompt in enumerate(self._prompts):
            page.make.chance.keep(seed)
            page.make.prompt.line.setText(prompt)
            page.generate()
            yield lambda: not page.job.busy
            yield self._rest(1)
        page.stage.hide()
        yield self._rest(1)
        yield from self._picture("generate-words")


def main() -> None:
    """Play the story in a folder that is forgotten afterwards."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("project", type=Path)
    parser.add_argument("run", help="the run's name")
    parser.add_argument("--prompts", nargs="+", default=["woman", "blue heart", "cat face", "red heart"])
    given = parser.parse_args()
    tell(lambda session, projects: WordsStory(session, projects, given.project.resolve(), given.run, given.prompts))


if __name__ == "__main__":
    main()
