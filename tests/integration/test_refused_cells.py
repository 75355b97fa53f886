"""What ``check`` says about every combination of mode, match and removal: Xero's own table, written down."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from itertools import product
from typing import Any

import pytest

from bookward.destinations.xero.destination import XeroDestination
from bookward.destinations.xero.fields import FIELDS
from bookward.errors import ProjectInvalid
from bookward.spec.sync import SyncSpec
from tests.integration.kinds import OBJECTS
from tests.integration.world import World

MODES = ("upsert", "update", "insert")
REMOVALS = ("keep", "archive", "delete", "delete_or_archive", "void")
#: What Xero allows, by object: modes, fields to match by, removals.
ALLOWED: dict[str, tuple[set[str], set[str], set[str]]] = {
    "accounts": (
        {"insert", "update", "upsert"},
        {"AccountID", "Name", "Code"},
        {"keep", "archive", "delete", "delete_or_archive"},
    ),
    "contacts": (
        {"insert", "update", "upsert"},
        {"ContactID", "ContactNumber", "Name", "AccountNumber", "EmailAddress"},
        {"keep", "archive"},
    ),
    "items": ({"insert", "update", "upsert"}, {"Code", "ItemID"}, {"keep", "delete"}),
    "invoices": (
        {"insert", "update", "upsert"},
        {"InvoiceNumber", "InvoiceID", "Reference"},
        {"keep", "void"},
    ),
    "credit-notes": (
        {"insert", "update", "upsert"},
        {"CreditNoteNumber", "CreditNoteID", "Reference"},
        {"keep", "void"},
    ),
    "payments": ({"insert"}, {"Reference"}, {"keep", "delete"}),
}
SCHEMAS = {"credit-notes": "CreditNote"}


def schema(object_: str) -> str:
    return SCHEMAS.get(object_, object_.removesuffix("s").capitalize())


def expected(object_: str, mode: str, match: str, removal: str) -> Iterator[str]:
    modes, matches, removals = ALLOWED[object_]
    if mode not in modes:
        yield f"mode '{mode}' is not possible for {object_} in Xero."
    if match not in matches:
        yield f"{object_} cannot be matched by '{match}'."
    if removal not in removals:
        yield f"on_removal '{removal}' is not possible for {object_} in Xero."


def problems(world: World) -> dict[str, set[str]]:
    """Return what ``check`` says, by the name of the sync."""
    with closing(world.app()) as app:
        found = app.check().problems
    assert all(problem.remedy and problem.line >= 1 for problem in found)
    names = {problem.path.removeprefix("syncs/").removesuffix(".yaml") for problem in found}
    return {name: {p.message for p in found if p.path == f"syncs/{name}.yaml"} for name in names}


@pytest.mark.parametrize("object_", ALLOWED)
def test_every_combination_is_allowed_or_refused_with_its_reason(world: World, object_: str) -> None:
    kind = OBJECTS[object_]
    kind.feed(world).rows(kind.row_of(1))
    file = world.root / "syncs" / "feed.yaml"
    spec = json.loads(file.read_text())
    file.unlink()
    writable = [name for name, field in FIELDS[schema(object_)].items() if not field.read_only]
    matches = list(dict.fromkeys([*kind.matches, *writable]))[:8]
    assert set(matches) > ALLOWED[object_][1]
    wanted = {}
    for number, (mode, match, removal) in enumerate(product(MODES, matches, REMOVALS)):
        fields = {name: mapped for name, mapped in spec["fields"].items() if name != match}
        settings = {"mode": mode, "match": {match: "id"}, "on_removal": removal, "fields": fields}
        world.write(f"syncs/cell{number}.yaml", json.dumps(spec | settings))
        wanted[f"cell{number}"] = set(expected(object_, mode, match, removal))
    assert problems(world) == {name: said for name, said in wanted.items() if said}


@pytest.mark.parametrize(
    ("object_", "type_", "settings", "said"),
    [
        *[
            ("accounts", "BANK", {"mode": mode}, f"mode '{mode}' is not possible for bank accounts: ")
            for mode in ("update", "upsert")
        ],
        ("accounts", "BANK", {"mode": "insert"}, ""),
        ("accounts", "REVENUE", {}, ""),
        ("invoices", "ACCPAY", {"match": {"Reference": "id"}}, "Documents from suppliers cannot be matched"),
        ("invoices", "ACCREC", {"match": {"Reference": "id"}}, ""),
        ("credit-notes", "ACCPAYCREDIT", {"match": {"Reference": "id"}}, "Documents from suppliers cannot"),
        ("credit-notes", "ACCRECCREDIT", {"match": {"Reference": "id"}}, ""),
        *[
            (object_, "", {"look_up": {"Contact": {"by": by, "column": "id", "missing": missing}}}, said)
            for object_ in ("invoices", "credit-notes")
            for by in ("ContactID", "ContactNumber", "EmailAddress", "Name")
            for missing, said in (
                ("reject", ""),
                ("create", "" if by == "Name" else "A contact that is missing cannot be created"),
            )
        ],
    ],
)
def test_types_and_look_ups_are_allowed_or_refused_with_their_reason(
    object_: str, type_: str, settings: dict[str, Any], said: str
) -> None:
    spec = {"model": "m", "destination": "d", "object": object_, "match": {f"{schema(object_)}ID": "id"}}
    fields = {"Type": {"value": type_}} if type_ else {"Type": "type"}
    found = XeroDestination.problems(SyncSpec.model_validate(spec | {"fields": fields} | settings))
    assert [problem.message.startswith(said) for problem in found] == ([True] if said else [])
    assert all(problem.remedy for problem in found)


def test_a_run_of_what_is_refused_makes_no_call(world: World) -> None:
    kind = OBJECTS["payments"]
    feed = kind.feed(world, mode="upsert").rows(kind.row_of(1))
    with pytest.raises(ProjectInvalid, match=r"syncs/feed.yaml:\d+: mode 'upsert' is not possible") as caught:
        feed.run()
    assert caught.value.code == "project_invalid"
    assert world.api_calls() == []
