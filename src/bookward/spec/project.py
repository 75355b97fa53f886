"""The project as a whole: project.yaml."""

from __future__ import annotations

import re
from typing import Annotated, Self

from pydantic import AfterValidator, Field, SecretStr, model_validator

from bookward.spec.alert import Alerting
from bookward.spec.base import Spec, shaped
from bookward.spec.logs import Logs

_ADDRESS = re.compile(r"https://[^/?#@\s]+|http://(?:localhost|127\.0\.0\.1)(?::\d+)?")
_GIT_ELSEWHERE = re.compile(
    r"(?:https|ssh)://(?:[\w.+-]+@)?\w[\w.-]*(?::\d+)?/\S*|[\w.+-]+@\w[\w.-]*:[^-\s]\S*"
)


def _safe_address(url: str) -> str:
    if not _ADDRESS.fullmatch(url.rstrip("/")):
        raise ValueError("It must be an address such as https://emea.dbt.com, without a path")
    return url.rstrip("/")


def _git_address(url: str) -> str:
    if ("://" in url or url.startswith("-")) and not _GIT_ELSEWHERE.fullmatch(url):
        raise ValueError("It must be https://host/path or ssh://user@host/path, and hold no password")
    return url


class DbtCloudSpec(Spec):
    """An account at dbt Cloud, whose jobs syncs can wait for."""

    account: Annotated[int, Field(ge=1)]
    """The number of the account; it stands in the address of every page of dbt Cloud behind `accounts/`."""
    token: SecretStr
    """A service token that may read jobs ("Job Viewer"), as `${DBT_CLOUD_TOKEN}`."""
    url: Annotated[str, AfterValidator(_safe_address)] = "https://cloud.getdbt.com"
    """The access URL of the account, which depends on its region and plan."""


class DbtGitSpec(Spec):
    """A git repository that has what dbt writes down; the git of the machine reads it."""

    url: Annotated[str, AfterValidator(_git_address)]
    """Its address: `https://github.com/acme/shop.git`, `git@github.com:acme/shop.git`, or a path that begins
    at the project's folder. By ssh, the machine's own keys sign in."""
    ref: Annotated[str, shaped(r"^[\w./][\w./-]*$", "a branch, a tag or a commit id")] = "HEAD"
    """A branch, a tag, or a whole commit id; by default the repository's usual branch."""
    token: SecretStr | None = None
    """For https, a token that may read the repository, as `${DBT_GIT_TOKEN}`."""

    @property
    def is_here(self) -> bool:
        """Whether it is a folder of this machine."""
        return not _GIT_ELSEWHERE.fullmatch(self.url)

    @model_validator(mode="after")
    def _token_goes_over_https(self) -> Self:
        if self.token is not None and not self.url.startswith("https://"):
            raise ValueError("a token goes with an https address only")
        return self


Days = Annotated[int, Field(ge=0)]


class KeepSpec(Spec):
    """How long the state keeps what nothing depends on, in days; `null` is for ever."""

    call_bodies: Days | None = 30
    """Plans, and the bodies of recorded API calls: they hold personal and bank data."""
    calls: Days | None = 400
    """That a call was made, when, and how it was answered."""
    outcomes: Days | None = 400
    """What became of each row in each run. Where rows stand now is kept for ever."""
    runs: Days | None = None
    """A run's line in the history, its configuration, and what it booked; not before its outcomes."""


class ProjectSpec(Alerting):
    """Settings of the whole project."""

    name: str
    """What people call this project."""
    keep: KeepSpec = KeepSpec()
    """How long what is kept."""
    logs: Logs | None = None
    """Where runs, what became of their rows, and their calls are written down as tables, for SQL."""
    dbt_cloud: DbtCloudSpec | None = None
    """The account at dbt Cloud that the `after_dbt_cloud` of schedules looks at."""
    dbt_git: DbtGitSpec | None = None
    """The git repository in which models of dbt's are found by the `git` in their files."""
