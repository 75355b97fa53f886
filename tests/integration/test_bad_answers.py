"""A Xero that fails or lies when it is written to, for every object: nothing lost, nothing booked twice."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest

from bookward.demo.xero.faults import Fault, FaultKind
from tests.integration.feeds import Feed
from tests.integration.kinds import OBJECTS, Kind
from tests.integration.world import World, moving

FAULTS: dict[str, Fault] = {
    "cut before": Fault(kind=FaultKind.CUT, when="before"),
    "cut after": Fault(kind=FaultKind.CUT, when="after"),
    "half an answer": Fault(kind=FaultKind.HALF_ANSWER, when="after"),
    "half the JSON": Fault(kind=FaultKind.HALF_JSON, when="after"),
    "500 after the commit": Fault(kind=FaultKind.STATUS, status=500, when="after"),
    "HTML 503 before the commit": Fault(kind=FaultKind.STATUS, status=503, when="before"),
    "HTML 503 after the commit": Fault(kind=FaultKind.STATUS, status=503, when="after"),
    "200 with a page": Fault(kind=FaultKind.GARBAGE, when="after"),
    "fewer elements": Fault(kind=FaultKind.FEWER_ELEMENTS, when="after"),
    "more elements": Fault(kind=FaultKind.MORE_ELEMENTS, when="after"),
    "zero ids": Fault(kind=FaultKind.WRONG_IDS, when="after"),
    "the id of another": Fault(kind=FaultKind.WRONG_IDS, when="after", id="another"),
}
"""What becomes of the next write."""

LIES = {FaultKind.FEWER_ELEMENTS, FaultKind.MORE_ELEMENTS, FaultKind.WRONG_IDS}
"""What is only wrong with an answer that has elements."""


def some(objects: Iterable[str], one_in: int) -> list[Any]:
    """Return each object with some faults, different ones for each, and at night with the rest."""
    cells = []
    for place, object_ in enumerate(objects):
        now = [name for number, name in enumerate(FAULTS) if (number - place) % one_in == 0]
        later = [name for name in FAULTS if name not in now]
        cells += [pytest.param(object_, now), pytest.param(object_, later, marks=pytest.mark.nightly)]
    return cells


def settled(world: World, feed: Feed) -> bool:
    """Run until there is nothing to do, with time for rejected rows to come back."""
    for _ in range(4):
        if feed.run().run.counts["calls"] == 0:
            return True
        moving(world.clock).jump(hours=2)
    return False


def struck(world: World, kind: Kind, feed: Feed, method: str, fault: Fault) -> None:
    """Run with a fault in the way of the next write, then until all is well."""
    if fault.id == "another":
        fault = replace(fault, id=kind.made(world)[0][kind.id_field])
    world.xero.faults.add(replace(fault, method=method, path=f"*/{kind.plural}*"))
    feed.run()
    assert world.xero.faults.waiting() == []
    assert settled(world, feed)


CHANGED = [name for name, kind in OBJECTS.items() if "upsert" in kind.modes]


@pytest.mark.parametrize(("object_", "faults"), some(OBJECTS, 4))
def test_whatever_becomes_of_an_answer_each_row_is_booked_once(
    world: World, object_: str, faults: list[str]
) -> None:
    kind = OBJECTS[object_]
    kind.prepare(world)
    feed = kind.feed(world, mode=kind.modes[0])
    first = kind.row[kind.free]
    feed.rows(kind.row_of(1)).run()
    for time, name in enumerate(faults, 1):
        numbers = range(1, 2 * time + 2)
        struck(world, kind, feed.rows(*kind.rows(*numbers)), "PUT", FAULTS[name])
        assert kind.booked(world) == {str(n): first for n in numbers}, name
        assert len(kind.made(world)) == 2 * time + 1, name
    if object_ in CHANGED:  # each row knows its own record
        assert feed.rows(*kind.rows(*numbers, **{kind.free: "second"})).rejected() == {}
        assert kind.booked(world) == {str(n): "second" for n in numbers}


@pytest.mark.parametrize(("object_", "faults"), some(CHANGED, 6))
def test_whatever_becomes_of_an_answer_each_change_is_made(
    world: World, object_: str, faults: list[str]
) -> None:
    kind = OBJECTS[object_]
    kind.prepare(world)
    feed = kind.feed(world)
    feed.rows(*kind.rows(1, 2, 3)).run()
    for name in faults:
        changed = kind.rows(2, 3, **{kind.free: name})
        struck(world, kind, feed.rows(kind.row_of(1), *changed), "POST", FAULTS[name])
        assert kind.booked(world) == {"1": "first", "2": name, "3": name}
    assert len(kind.made(world)) == 3


@pytest.mark.parametrize(("object_", "faults"), some(OBJECTS, 6))
def test_whatever_becomes_of_an_answer_each_removal_is_made(
    world: World, object_: str, faults: list[str]
) -> None:
    kind = OBJECTS[object_]
    kind.prepare(world)
    feed = kind.feed(world, mode=kind.modes[0], on_removal=kind.removals[-1])
    feed.rows(*kind.rows(*range(1, len(faults) + 2))).run()
    method = "DELETE" if object_ in ("accounts", "items") else "POST"
    for left, name in enumerate(faults, 2):
        if method == "DELETE" and FAULTS[name].kind in LIES:
            continue
        remaining = range(left, len(faults) + 2)
        struck(world, kind, feed.rows(*kind.rows(*remaining)), method, FAULTS[name])
        living = {key for key, value in kind.booked(world).items() if value == kind.row[kind.free]}
        assert living == {str(n) for n in remaining}, name
