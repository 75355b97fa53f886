"""What all specifications share."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Spec(BaseModel):
    """A frozen part of a project file; a key that is not declared is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


def as_list(value: object) -> object:
    """Return the list that a lone name stands for."""
    return [value] if isinstance(value, str) else value
