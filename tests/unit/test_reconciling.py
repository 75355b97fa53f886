from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from bookward.reconciling import Reconciling
from bookward.records import BookedRecord, ChangeKind, Draft, Operation, OperationKind

ADDED, REMOVED = ChangeKind.ADDED, ChangeKind.REMOVED


def record(id_: str, *shared: str, live: bool = True, meant: bool = True) -> BookedRecord:
    return BookedRecord(
        remote_id=id_,
        called=id_,
        live=live,
        meant=meant,
        day="",
        currency="",
        total=None,
        net=None,
        shared=shared,
    )


class State:
    """Which row has or had which record, and what other syncs have."""

    def __init__(self, owned: dict[str, str], former: dict[str, str], elsewhere: set[str]) -> None:
        self._owned, self._former, self._elsewhere = owned, former, elsewhere

    def owners(self, ids: list[str]) -> dict[str, str]:
        return {id_: key for id_, key in self._owned.items() if id_ in ids}

    def had(self, ids: list[str]) -> dict[str, str]:
        return {id_: key for id_, key in (self._owned | self._former).items() if id_ in ids}

    def owned_by(self, others: object, ids: list[str], *, former: bool = False) -> set[str]:
        return self._elsewhere & set(ids)


def findings(
    records: list[BookedRecord],
    operations: list[tuple[str, ChangeKind, OperationKind, str | None]],
    *,
    owned: dict[str, str] | None = None,
    former: dict[str, str] | None = None,
    elsewhere: set[str] | None = None,
    sure: bool = True,
) -> list[tuple[str, str, str | None]]:
    sync: Any = SimpleNamespace(
        spec=None,
        others=frozenset(),
        destination=SimpleNamespace(in_books=lambda _: iter(records)),
        doubts=SimpleNamespace(open=dict),
        object_type=SimpleNamespace(amount=lambda _: None),
        state=State(owned or {}, former or {}, elsewhere or set()),
    )
    reconciling = Reconciling(sync)
    for seq, (key, change, kind, id_) in enumerate(operations):
        operation = Operation(
            seq=seq, key=key, change=change, kind=kind, remote_id=id_, payload={"Name": "x"}
        )
        reconciling.note([Draft(seq=seq, key=key, change=change)], [operation])
    return [(each.kind.value, each.remote_id, each.row) for each in reconciling.findings(sure=sure)]


def test_the_kinds_of_findings_in_their_order() -> None:
    records = [
        record("z"),
        record("sort", meant=False),
        record("dead", live=False),
        record("twin", "Name=a"),
        record("own", "Name=a"),
        record("left"),
        record("other"),
    ]
    operations = [("1", ADDED, OperationKind.ADOPT, "own"), ("2", REMOVED, OperationKind.KEEP, "left")]
    assert findings(records, operations, elsewhere={"other"}) == [
        ("left-behind", "left", "2"),
        ("twice", "twin", "1"),
        ("unknown", "z", None),
    ]


def test_the_record_of_a_row_that_is_in_the_model_is_never_left_behind() -> None:
    """Whatever the plan says of the row, and although it names no record."""
    operations = [("1", ADDED, OperationKind.REJECT, None)]
    assert findings([record("own")], operations, owned={"own": "1"}) == []


def test_the_former_record_of_a_row_that_is_made_anew_is_not_removed_under_its_key() -> None:
    operations = [("1", ADDED, OperationKind.INSERT, None)]
    assert findings([record("old")], operations, former={"old": "1"}) == [("unknown", "old", None)]


@pytest.mark.parametrize(("sure", "found"), [(True, [("left-behind", "own", "1")]), (False, [])])
def test_a_row_that_is_not_in_the_plan_left_the_model_if_that_is_sure(sure: bool, found: list[Any]) -> None:
    assert findings([record("own")], [], owned={"own": "1"}, sure=sure) == found


def test_what_the_plan_removes_is_no_finding() -> None:
    operations = [
        ("1", REMOVED, OperationKind.DELETE, "going"),
        ("2", REMOVED, OperationKind.REJECT, "stuck"),
    ]
    owned = {"going": "1", "stuck": "2"}
    assert findings([record("going"), record("stuck")], operations, owned=owned) == []
