"""The shapes that many routes have in common."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Generic, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, Strict, WithJsonSchema
from pydantic_core import PydanticCustomError

from bookward.serving import PlanState, Role

Item = TypeVar("Item")

Name = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]*\S[^\x00-\x1f\x7f]*$")]
"""What a person or a token is called."""

_EMAIL = r"^[^@\s\x00-\x1f\x7f-\x9f<>]{1,64}@[^@\s\x00-\x1f\x7f-\x9f<>]{1,190}$"

Email = Annotated[str, Field(max_length=256, json_schema_extra={"pattern": _EMAIL})]
"""An e-mail; who signs in with none is told no more than whoever signs in with a wrong one."""


def _number(said: object) -> object:
    if isinstance(said, bool | str):
        raise PydanticCustomError("whole", "it is no number")
    return said


NUMBER = BeforeValidator(_number)
"""Of a whole number that is sent, such as 3 or 3.0: neither true nor "3" is one."""

Whole = Annotated[int, NUMBER]

Flag = Annotated[bool, Strict()]
"""True or false that is sent: neither 1 nor "yes" is either."""

Password = Annotated[str, Field(max_length=1000)]


class Shape(BaseModel):
    """What is sent or answered: typed, and nothing besides what is named."""

    model_config = ConfigDict(extra="forbid")


class PlacedProblem(BaseModel):
    """Something that is wrong, with its place."""

    message: str
    remedy: str = ""
    path: str | None = Field(None, description="Of the file, in the project.")
    line: int | None = None
    column: int | None = None
    field: str | None = Field(None, description="Where in the document or the request, dotted.")


class ErrorBody(BaseModel):
    """What went wrong."""

    code: str = Field(description="Never changes; docs/reference/errors.md lists all.")
    message: str = Field(description="What happened.")
    remedy: str = Field(description="What to do.")
    problems: list[PlacedProblem] = Field([], description="All that is wrong, where it is known where.")


class ErrorShape(BaseModel):
    """The one shape of all errors."""

    error: ErrorBody

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "error": {
                    "code": "name_unknown",
                    "message": "There is no sync 'invoces'.",
                    "remedy": "Did you mean 'invoices'?",
                }
            }
        }
    )


class PlanStandingShape(Shape):
    """What has become of a plan."""

    state: PlanState
    run: str | None = Field(description="The run that has executed it.")
    by: str | None = Field(description="Who executed or discarded it; null for a schedule.")
    at: str | None = Field(description="When that was, or when its time was over.")
    why: str | None = Field(description="What a person said of it, or what makes it useless.")


class Page(BaseModel, Generic[Item]):
    """A part of a list."""

    items: list[Item]
    next: str | None = Field(description="What to send as `cursor` for the next page; null at the end.")


class PersonShape(BaseModel):
    """Somebody who may sign in."""

    id: str
    email: str
    name: str
    role: Role
    disabled: bool
    created_at: str

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": "5f0c6c1e2b7d4a90",
                "email": "ana@example.com",
                "name": "Ana Ito",
                "role": "admin",
                "disabled": False,
                "created_at": "2026-11-02T09:00:00Z",
            }
        }
    )


Amount = Annotated[Decimal, WithJsonSchema({"type": "number"})]
"""Money: exact, and a number in JSON."""
