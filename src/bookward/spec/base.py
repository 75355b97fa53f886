"""What all specifications share."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

SHAPES: dict[str, str] = {}
"""A pattern to what a text of its shape is, in words."""


class Spec(BaseModel):
    """A frozen part of a project file; a key that is not declared is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


def shaped(pattern: str, words: str) -> Any:
    """Return what holds a text to a pattern; ``words`` say to whoever wrote another what it must be."""
    SHAPES[pattern] = words
    return Field(pattern=pattern)


def as_list(value: object) -> object:
    """Return the list that a lone name stands for."""
    return [value] if isinstance(value, str) else value
