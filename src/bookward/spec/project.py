"""The project as a whole: project.yaml."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, Field, SecretStr

from bookward.spec.alert import Alerting
from bookward.spec.base import Spec

_ADDRESS = re.compile(r"https://[^/?#@\s]+|http://(?:localhost|127\.0\.0\.1)(?::\d+)?")


def _safe_address(url: str) -> str:
    if not _ADDRESS.fullmatch(url.rstrip("/")):
        raise ValueError("It must be an address such as https://emea.dbt.com, without a path")
    return url.rstrip("/")


class DbtCloudSpec(Spec):
    """An account at dbt Cloud, whose jobs syncs can wait for."""

    account: Annotated[int, Field(ge=1)]
    """The number of the account; it stands in the address of every page of dbt Cloud behind `accounts/`."""
    token: SecretStr
    """A service token that may read jobs ("Job Viewer"), as `${DBT_CLOUD_TOKEN}`."""
    url: Annotated[str, AfterValidator(_safe_address)] = "https://cloud.getdbt.com"
    """The access URL of the account, which depends on its region and plan."""


class ProjectSpec(Alerting):
    """Settings of the whole project."""

    name: str
    """What people call this project."""
    keep_call_bodies_days: Annotated[int, Field(ge=0)] = 30
    """How long plans and the bodies of recorded API calls are kept; they hold personal and bank data."""
    dbt_cloud: DbtCloudSpec | None = None
    """The account at dbt Cloud that the `after_dbt_cloud` of schedules looks at."""
