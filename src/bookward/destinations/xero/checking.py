"""What can be said about a sync and a connection before anything is sent."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bookward.destinations.xero.accounts import ACCOUNTS
from bookward.destinations.xero.client import XeroClient
from bookward.destinations.xero.contact_groups import CONTACT_GROUPS, GROUPS
from bookward.destinations.xero.contacts import CONTACTS
from bookward.destinations.xero.facts import KnownFacts
from bookward.destinations.xero.invoices import CREDIT_NOTES, INVOICES
from bookward.destinations.xero.items import ITEMS
from bookward.destinations.xero.looked_up import CURRENCIES, TAX_RATES, TRACKING_CATEGORIES
from bookward.destinations.xero.objects import XeroObject
from bookward.destinations.xero.payments import PAYMENTS
from bookward.errors import BookwardError, NotConnected, SignInLost
from bookward.nearest import choose_from
from bookward.records import CheckStep, SpecProblem
from bookward.spec.mapping import ColumnMapping
from bookward.spec.sync import LookUp, SyncSpec

_NOUNS = {GROUPS: CONTACT_GROUPS.noun, "CreditNote": CREDIT_NOTES.noun}

OBJECTS: dict[str, XeroObject] = {
    kind.name: kind for kind in (ACCOUNTS, CONTACTS, ITEMS, INVOICES, CREDIT_NOTES, PAYMENTS)
}
"""What can be written, by its name in a sync's file, each behind what its records may refer to."""

KINDS: dict[str, XeroObject] = OBJECTS | {
    kind.name: kind for kind in (TAX_RATES, CURRENCIES, TRACKING_CATEGORIES, CONTACT_GROUPS)
}
"""What can be looked up."""


def sync_problems(sync: SyncSpec) -> Iterator[SpecProblem]:
    """Yield what Xero does not allow of a sync, with what it does."""
    kind = OBJECTS.get(sync.object)
    if kind is None:
        yield _unknown_object(sync.object)
        return
    if sync.mode not in kind.modes:
        yield _not_allowed("mode", sync.mode, kind.name, kind.modes)
    if sync.on_removal not in kind.removals:
        yield _not_allowed("on_removal", sync.on_removal, kind.name, kind.removals)
    if sync.on_change == "replace":
        yield from _replacing_problems(sync, kind)
    yield from _match_problems(sync, kind)
    yield from _matched_otherwise(sync)
    yield from _look_up_problems(sync, kind)
    yield from kind.problems(sync)


def _unknown_object(name: str) -> SpecProblem:
    return SpecProblem(
        where=("object",),
        message=f"Bookward has no object {name!r} for Xero.",
        remedy=choose_from(name, OBJECTS),
    )


def _not_allowed(key: str, value: str, name: str, allowed: tuple[str, ...]) -> SpecProblem:
    return SpecProblem(
        where=(key,),
        message=f"{key} {value!r} is not possible for {name} in Xero.",
        remedy=f"Possible: {', '.join(allowed)}.",
    )


def _replacing_problems(sync: SyncSpec, kind: XeroObject) -> Iterator[SpecProblem]:
    replaceable = [name for name, other in OBJECTS.items() if other.replaced_by is not None]
    if kind.replaced_by is None:
        yield SpecProblem(
            where=("on_change",),
            message=f"{kind.name} are not replaced: Xero has no removal that leaves room for another one.",
            remedy=f"Only {', '.join(replaceable)} are. Use `mode: upsert`, which changes the {kind.noun} "
            "itself, or `on_change: reject` or `ignore`.",
        )
    elif sync.mode != "insert":
        yield SpecProblem(
            where=("on_change",),
            message=f"`mode: {sync.mode}` changes records, so there is nothing to replace.",
            remedy="Take `on_change` out, or use `mode: insert`.",
        )
    elif kind.id_field in sync.match:
        yield SpecProblem(
            where=("match", kind.id_field),
            message=f"A {kind.noun} that is replaced gets another {kind.id_field}, and the row still names "
            "the old one.",
            remedy=f"Match by {either([name for name in kind.match_fields if name != kind.id_field])}.",
        )


def _match_problems(sync: SyncSpec, kind: XeroObject) -> Iterator[SpecProblem]:
    (field,) = sync.match
    if field not in kind.match_fields:
        yield SpecProblem(
            where=("match", field),
            message=f"{kind.name} cannot be matched by {field!r}.",
            remedy=f"Match by {either(kind.match_fields)}.",
        )


def _matched_otherwise(sync: SyncSpec) -> Iterator[SpecProblem]:
    ((field, column),) = sync.match.items()
    mapped = sync.fields.get(field, column)
    if mapped != column and not (isinstance(mapped, ColumnMapping) and mapped.column == column):
        yield SpecProblem(
            where=("fields", field),
            message=f"{field!r} is matched by the column {column!r} and mapped from something else: a record "
            "would not be found again by what was sent.",
            remedy=f"Match by the column that {field} is mapped from, or take {field} out of `fields`.",
        )


def _look_up_problems(sync: SyncSpec, kind: XeroObject) -> Iterator[SpecProblem]:
    for field, look_up in sync.look_up.items():
        created_by = kind.fields[field].created_by if field in kind.fields else ()
        if field in sync.fields:
            yield SpecProblem(
                where=("look_up", field),
                message=f"{field!r} is looked up and mapped.",
                remedy="Take it out of `fields` or out of `look_up`.",
            )
        if field == GROUPS and sync.object != CONTACTS.name:
            yield SpecProblem(
                where=("look_up", field),
                message=f"{sync.object} are in no groups: only contacts are.",
                remedy="Take it out, and name the groups in a sync of contacts.",
            )
        noun = _NOUNS.get(field, field.lower())
        if look_up.missing == "create" and not created_by:
            yield SpecProblem(
                where=("look_up", field, "missing"),
                message=f"No {noun} is created because one is missing.",
                remedy="Use `missing: reject`, and sync what is named first, as `run --all` does.",
            )
        elif look_up.missing == "create":
            yield from _creation_problems(field, noun, look_up, created_by)
        elif look_up.fields:
            yield SpecProblem(
                where=("look_up", field, "fields"),
                message=f"No {noun} is created, so its fields are of no use.",
                remedy="Set `missing: create`, or take `fields` out.",
            )


def _creation_problems(field: str, noun: str, look_up: LookUp, by: tuple[str, ...]) -> Iterator[SpecProblem]:
    """Yield why what is missing cannot be created: it must have a name, and be found again."""
    if look_up.by not in by:
        yield SpecProblem(
            where=("look_up", field, "by"),
            message=f"A {noun} that is missing cannot be created by {look_up.by!r}.",
            remedy=f"Look it up by {either(by)}, or use `missing: reject`.",
        )
    if look_up.by in look_up.fields:
        yield SpecProblem(
            where=("look_up", field, "fields", look_up.by),
            message=f"{look_up.by!r} is what the {noun} is looked up by, and mapped besides.",
            remedy="Take it out of `fields`: its column is named by the look-up.",
        )
    if look_up.by in by and "Name" not in (look_up.by, *look_up.fields):
        yield SpecProblem(
            where=("look_up", field, "missing"),
            message=f"A {noun} that is missing cannot be created without a Name.",
            remedy="Map it: `fields: {Name: ...}` in the look-up, or use `missing: reject`.",
        )


def either(words: Sequence[str]) -> str:
    """Return words as a choice: "a, b or c"."""
    return " or ".join(filter(None, [", ".join(words[:-1]), words[-1]]))


def connection_steps(client: XeroClient, known: KnownFacts) -> Iterator[CheckStep]:
    """Yield the steps of testing a connection; the first failed step is the last one."""
    try:
        client.tenant()
        answer = client.request("GET", "Organisation", purpose="check the connection")
        facts = answer.json()["Organisations"][0] if answer.status == 200 else {}
    except BookwardError as error:
        name = "sign in" if isinstance(error, NotConnected | SignInLost) else "reach the organisation"
        yield CheckStep(name=name, ok=False, detail=error.message, remedy=error.remedy)
        return
    yield CheckStep(name="sign in", ok=True, detail="Xero accepts the sign-in.")
    detail = f"{facts.get('Name', 'organisation')}, {facts.get('BaseCurrency', 'currency unknown')}"
    yield CheckStep(
        name="reach the organisation",
        ok=answer.status == 200,
        detail=detail if answer.status == 200 else f"Xero answered {answer.status}.",
    )
    if answer.status == 200:
        known.keep(facts)
        left = client.budget()
        yield CheckStep(
            name="calls left",
            ok=left.day_left is None or left.day_left > 0,
            detail=f"{_count(left.day_left)} today, {_count(left.minute_left)} in this minute.",
        )


def _count(number: int | None) -> str:
    return "an unknown number" if number is None else f"{number:,}"
