"""Uncertain rows: what the books show of them, and what a person says."""

from __future__ import annotations

from typing import Annotated

from fastapi import Body
from pydantic import ConfigDict, Field, model_validator
from pydantic.config import JsonDict
from starlette.requests import Request
from starlette.responses import Response

from bookward.serving import Role
from bookward.settlingdocuments import decision_document, uncertain_document
from bookward.web.answers import answer
from bookward.web.checking import slowly
from bookward.web.files import app_of
from bookward.web.routes import Routes
from bookward.web.runs import RejectionShape
from bookward.web.session import AccessHere, CallerHere
from bookward.web.shapes import Amount, Flag, Shape

routes = Routes("settling")

RecordId = Annotated[str, Field(min_length=1, max_length=100)]


class CandidateRecord(Shape):
    """A record in the books that may be an uncertain row's."""

    id: str
    called: str = Field(description="What it is called in the books.", examples=["Payment of INV-1017"])
    live: bool
    day: str | None
    currency: str | None
    total: Amount | None


class UncertainShape(Shape):
    """A row of which a person has to say whether it is booked."""

    key: str
    run: str
    rejection: RejectionShape
    candidates: list[CandidateRecord]


class DecisionShape(Shape):
    """What a person said of an uncertain row."""

    key: str
    run: str
    at: str
    booked_as: str | None
    candidates: list[str]
    message: str


class UncertainList(Shape):
    """The uncertain rows of a sync, and what was said of earlier ones."""

    uncertain: list[UncertainShape]
    settled: list[DecisionShape]


_BOOKED: JsonDict = {
    "title": "Booked",
    "type": "object",
    "required": ["booked_as"],
    "properties": {"booked_as": {"type": "string"}, "not_booked": {"const": False}},
}
_NOT_BOOKED: JsonDict = {
    "title": "NotBooked",
    "type": "object",
    "required": ["not_booked"],
    "properties": {"booked_as": {"type": "null"}, "not_booked": {"const": True}},
}


class Said(Shape):
    """What is true of an uncertain row: booked as a record, or not booked."""

    model_config = ConfigDict(json_schema_extra={"oneOf": [_BOOKED, _NOT_BOOKED]})

    key: str = Field(max_length=1000, examples=["PAY-1017"])
    booked_as: RecordId | None = Field(None, description="Id of the record that is the row's.")
    not_booked: Flag = Field(False, description="No record is the row's: the next run sends it again.")

    @model_validator(mode="after")
    def _one_of_both(self) -> Said:
        if (self.booked_as is None) != self.not_booked:
            raise ValueError("say either booked_as or not_booked")
        return self


@routes.route(
    "GET", "/syncs/{slug}/uncertain", needs=Role.EDITOR, gives=UncertainList, refuses=[404, 409, 502]
)
def list_uncertain(request: Request, slug: str) -> Response:
    """List uncertain rows, each with the records that may be its own as the books show them now."""
    app = app_of(request)
    with slowly(request):
        rows = [uncertain_document(each) for each in app.uncertain(slug)]
    settled = [decision_document(each) for each in app.decisions(slug, _DECISIONS)]
    return answer({"uncertain": rows, "settled": settled})


@routes.route(
    "POST", "/syncs/{slug}/settle", needs=Role.APPROVER, gives=DecisionShape, refuses=[404, 409, 502]
)
def settle_row(
    request: Request, slug: str, said: Annotated[Said, Body()], caller: CallerHere, access: AccessHere
) -> Response:
    """Take down what is true of an uncertain row; a record that is named is read first."""
    target, before = f"syncs/{slug}", {"key": said.key}
    with slowly(request), access.audit.around(caller, "row.settle", target, before) as after:
        decision = app_of(request).settle(slug, said.key, said.booked_as)
        after.update({"key": decision.key, "booked_as": decision.booked_as})
    return answer(decision_document(decision))


_DECISIONS = 100
