"""A project without a folder: its files come from the server that publishes them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from threading import Lock

from bookward.clock import Clock
from bookward.errors import NotPublished, SettingInvalid
from bookward.project.bundle import Bundle, laid_out, lay_out
from bookward.project.project import Project
from bookward.settings import Settings
from bookward.wiring import Wiring


class FollowedWiring(Wiring):
    """The parts of a project whose files a server publishes; they are laid out in the state folder."""

    def __init__(self, folder: Path, clock: Clock, environ: Mapping[str, str]) -> None:
        """Lay out nothing yet.

        Args:
            folder: whose state folder it is, where the environment names none.
            clock: tells the time.
            environ: the environment.

        Raises:
            SettingInvalid: there is no database that a server could publish to.
        """
        settings = Settings.read(folder, environ)
        if settings.database_url is None:
            raise SettingInvalid(
                "BOOKWARD_DATABASE_URL is not set, so there is nothing to follow.",
                remedy="Set it to the database of the server whose project this worker is to run.",
            )
        self._followed = settings.state / "followed"
        self._digest: str | None = None
        self._following = Lock()
        super().__init__(laid_out(self._followed), clock, {**environ, "BOOKWARD_STATE": str(settings.state)})

    def _project_now(self) -> Project:
        self.follow()
        return super()._project_now()

    def require_project(self) -> None:
        self.follow()
        super().require_project()

    def follow(self) -> None:
        """Lay the project out as it was last published, unless that is done.

        Raises:
            NotPublished: nothing was published yet.
        """
        with self._following:
            published = self.store.published
            if self._digest is not None and published.digest() == self._digest:
                return
            found = published.files()
            if found is None:
                raise NotPublished(
                    "No project is published in the database that BOOKWARD_DATABASE_URL names."
                )
            self._followed.mkdir(parents=True, exist_ok=True)
            lay_out(Bundle(*found), self._followed)
            self._digest = found[0]
