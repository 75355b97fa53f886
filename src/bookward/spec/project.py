"""The project as a whole: project.yaml."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from bookward.spec.alert import Alerting


class ProjectSpec(Alerting):
    """Settings of the whole project."""

    name: str
    """What people call this project."""
    keep_call_bodies_days: Annotated[int, Field(ge=0)] = 30
    """How long plans and the bodies of recorded API calls are kept; they hold personal and bank data."""
