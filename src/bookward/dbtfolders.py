"""Where dbt's artefacts are that a model names: here, at a URL, in a git repository, or with dbt Cloud."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from bookward.dbt import Folder, fetching
from bookward.dbt.repository import Repository
from bookward.dbtcloud import DbtCloud, JobRun
from bookward.errors import SettingInvalid
from bookward.project.reach import refuse_out_of_reach
from bookward.settings import Settings
from bookward.spec.project import DbtCloudSpec, DbtGitSpec, ProjectSpec

_CACHE = ".dbt"  # under the work folder
_MANIFEST = "manifest.json"


class DbtPlace(NamedTuple):
    """Where the artefacts are said to be: one of these."""

    target: str | None = None  #: a path that begins at the project's folder, or a URL
    job: int | None = None  #: of dbt Cloud
    git: str | None = None  #: a folder in the repository that project.yaml names


def dbt_folder(
    what: str, place: DbtPlace, project: ProjectSpec | None, root: Path, settings: Settings
) -> Folder:
    """Return the folder of the artefacts.

    Args:
        what: names the place, for errors.
        place: where they are said to be.
        project: what project.yaml says.
        root: the project folder.
        settings: of this process.

    Raises:
        SettingInvalid: a path leads to where nobody may read; or project.yaml names no account of dbt Cloud,
            or no repository.
    """
    if place.git is not None:
        return _of_git(place.git, project.dbt_git if project else None, root, settings)
    if place.job is not None:
        return _of_cloud(place.job, project.dbt_cloud if project else None)
    assert place.target is not None
    if "://" in place.target:
        return fetching.at(place.target)
    path = root / place.target
    _refuse_out_of_reach(what, path, root, settings)
    return fetching.here(path)


def _of_git(path: str, spec: DbtGitSpec | None, root: Path, settings: Settings) -> Folder:
    if spec is None:
        raise SettingInvalid(
            "project.yaml names no git repository of dbt's.",
            remedy="Write there: dbt_git: {url: https://github.com/acme/shop.git, token: ${DBT_GIT_TOKEN}}.",
        )
    url = spec.url
    if spec.is_here:
        url = str(root / spec.url)
        _refuse_out_of_reach("`dbt_git` in project.yaml", Path(url), root, settings)
    return Repository(url, spec.ref, spec.token, settings.work / _CACHE).folder(path)


def _of_cloud(job: int, account: DbtCloudSpec | None) -> Folder:
    if account is None:
        raise SettingInvalid(
            "project.yaml names no account of dbt Cloud.",
            remedy="Write there: dbt_cloud: {account: 12345, token: ${DBT_CLOUD_TOKEN}}.",
        )

    found = _CloudJob(account, job)
    return Folder(shown=f"job {job} of dbt Cloud", file=found.file, look=found.look, bad_end=found.bad_end)


class _CloudJob:
    """The files of the run of a job that ended last, however it did: a bad run says what is broken."""

    def __init__(self, account: DbtCloudSpec, job: int) -> None:
        self._account = account
        self._job = job
        self._run: JobRun | None = None

    def look(self) -> None:
        with closing(DbtCloud(self._account)) as cloud:
            self._run = cloud.newest(self._job)

    def file(self, name: str) -> bytes | None:
        run = self._run
        if name != _MANIFEST and run and run.end == "cancelled":
            return None  # it was broken off: what it wrote down is not all that it did
        with closing(DbtCloud(self._account)) as cloud:
            found = cloud.artefact(run, name) if run else None
            if found is None and name == _MANIFEST:
                # The models are shown also where a run failed before dbt wrote them down.
                return cloud.last_good_artefact(self._job, name)
        return found

    def bad_end(self) -> str:
        if self._run is None or self._run.end == "success":
            return ""
        at = f"{self._run.finished_at:%Y-%m-%d %H:%M} UTC"
        how = "was cancelled" if self._run.end == "cancelled" else "failed"
        return f"Run {self._run.id} of job {self._job} of dbt Cloud {how} at {at}"


def _refuse_out_of_reach(what: str, path: Path, root: Path, settings: Settings) -> None:
    refuse_out_of_reach(what, [str(path)], root, settings.data, settings.state)
