"""Where dbt's artefacts are that a model names: here, at a URL, in a git repository, or with dbt Cloud."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from bookward.dbt import Folder, fetching
from bookward.dbt.repository import Repository
from bookward.dbtcloud import DbtCloud
from bookward.errors import SettingInvalid
from bookward.project.reach import refuse_out_of_reach
from bookward.settings import Settings
from bookward.spec.project import DbtCloudSpec, DbtGitSpec, ProjectSpec

_CACHE = ".dbt"  # under the work folder


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

    def file(name: str) -> bytes | None:
        with closing(DbtCloud(account)) as cloud:
            return cloud.artefact(job, name)

    return Folder(shown=f"job {job} of dbt Cloud", file=file)


def _refuse_out_of_reach(what: str, path: Path, root: Path, settings: Settings) -> None:
    refuse_out_of_reach(what, [str(path)], root, settings.data, settings.state)
