"""A plan is whole or absent, and says the same every time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest

from bookward.engine.keys import KeyProblem
from bookward.engine.planfile import NAMED_KEY_PROBLEMS, Plan, PlanWriter
from bookward.engine.planheader import PlanHeader
from bookward.errors import KeyDuplicate, KeyNull, KeysLeftOut, NameUnknown, StoreFailed
from bookward.records import ChangeKind, Operation, OperationKind, Rejection
from tests.unit.engine_data.ledger import Sync

CREATED = datetime(2026, 11, 2, 9, tzinfo=UTC)
HEADER = PlanHeader(
    id="p1",
    sync="contacts",
    created=CREATED,
    expires=CREATED + timedelta(hours=24),
    organisation="org",
    config_version=1,
    config_hash="abc",
    settings="def",
    base_snapshot=None,
    rows_read=3,
    changes={"added": 3},
    forecast={"calls": 2, "seconds": Decimal("1.5")},
)


def _operation(seq: int, kind: OperationKind = OperationKind.INSERT) -> Operation:
    return Operation(
        seq=seq,
        key=f"k{seq}",
        change=ChangeKind.ADDED,
        kind=kind,
        remote_id=None if kind is OperationKind.INSERT else f"id-{seq}",
        payload={"Name": f"O'Brien \x00 😀 {seq}", "Balance": Decimal("1.50"), "A": [1, {"b": None}]},
        before=None if kind is OperationKind.INSERT else {"Name": "old", "Balance": Decimal("1.5")},
        notes=("trimmed", "cut"),
    )


REJECTED = Operation(
    seq=2,
    key="k2",
    change=ChangeKind.CHANGED,
    kind=OperationKind.REJECT,
    rejection=Rejection(code="field_invalid", message="too long", remedy="cut it", field="Name"),
)
OPERATIONS = [_operation(0), _operation(1, OperationKind.UPDATE), REJECTED]


def _write(
    plans: Path, operations: Sequence[Operation], problems: Sequence[KeyProblem] = (), plan_id: str = "p1"
) -> Plan:
    with PlanWriter(plans, plan_id, plans / "partial") as writer:
        writer.add(operations)
        writer.add_key_problems(problems)
        return writer.finish(replace(HEADER, id=plan_id))


def _all(plan: Plan) -> list[Operation]:
    return [operation for batch in plan.operations() for operation in batch]


def test_operations_come_back_as_they_were_given(tmp_path: Path) -> None:
    _write(tmp_path, OPERATIONS)
    plan = Plan.open(tmp_path / "p1")
    assert _all(plan) == OPERATIONS
    assert list(_all(plan)[0].payload) == ["Name", "Balance", "A"]


def test_the_header_counts_what_was_written(tmp_path: Path) -> None:
    header = Plan.open(_write(tmp_path, OPERATIONS).folder).header
    assert header.operations == {"insert": 1, "update": 1, "reject": 1}
    assert header.bytes_to_send > 100
    assert len(header.digest) == 64
    assert header.created == CREATED
    assert replace(header, operations={}, bytes_to_send=0, digest="") == HEADER


def test_planned_twice_the_operations_are_the_same_bytes(tmp_path: Path) -> None:
    one = _write(tmp_path, OPERATIONS, plan_id="one")
    with PlanWriter(tmp_path, "two", tmp_path / "partial") as writer:
        for operation in OPERATIONS:
            writer.add([operation])
        two = writer.finish(HEADER)
    assert one.header.digest == two.header.digest


def test_operations_are_found_by_kind_and_place(tmp_path: Path) -> None:
    kinds = [OperationKind.INSERT, OperationKind.UPDATE, OperationKind.KEEP]
    plan = _write(tmp_path, [_operation(seq, kinds[seq % 3]) for seq in range(10_000)])
    updates = [o.seq for batch in plan.operations({OperationKind.UPDATE}, start=9_000) for o in batch]
    assert updates == [seq for seq in range(9_000, 10_000) if seq % 3 == 1]
    assert max(len(batch) for batch in plan.operations()) <= 1024
    wanted = [9_999, 0, 4_096, 4_095, 0, 8_192, 5]
    assert [o.seq for o in plan.operations_at(wanted)] == [0, 5, 4_095, 4_096, 8_192, 9_999]
    assert plan.operations_at([]) == []
    assert plan.operations_at([7]) == [_operation(7, OperationKind.UPDATE)]


def test_a_plan_without_operations_is_a_plan(tmp_path: Path) -> None:
    plan = _write(tmp_path, [])
    assert _all(plan) == []
    assert Plan.open(plan.folder).header.operations == {}


def test_an_operation_left_out_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="operation 2 came where 1 was due"):
        _write(tmp_path, [_operation(0), _operation(2)])
    assert list(tmp_path.iterdir()) == []


def test_a_writer_that_is_left_without_finishing_leaves_nothing(tmp_path: Path) -> None:
    with PlanWriter(tmp_path, "p1", tmp_path / "partial") as writer:
        writer.add(OPERATIONS)
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_writer_left_is_cleared_away(tmp_path: Path) -> None:
    (tmp_path / "partial").mkdir()
    (tmp_path / "partial" / "left_behind.parquet").write_bytes(b"half")
    plan = _write(tmp_path, OPERATIONS)
    assert _all(plan) == OPERATIONS
    assert not (plan.folder / "left_behind.parquet").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["p1"]


def test_a_plan_is_never_overwritten(tmp_path: Path) -> None:
    _write(tmp_path, OPERATIONS)
    with pytest.raises(StoreFailed, match="p1"):
        _write(tmp_path, [])
    assert _all(Plan.open(tmp_path / "p1")) == OPERATIONS


def test_key_problems_are_rejected_operations_behind_the_changes(tmp_path: Path) -> None:
    null = KeyProblem(key="row 3", rows=1, rejection=Rejection.of(KeyNull("The key is null.")))
    double = KeyProblem(key="7", rows=4, rejection=Rejection.of(KeyDuplicate("4 rows.")))
    plan = _write(tmp_path, OPERATIONS, [null, double])
    *_, first, second = _all(plan)
    assert (first.seq, first.key, first.kind) == (3, "row 3", OperationKind.REJECT)
    assert second.rejection == double.rejection
    assert plan.header.key_problems == 5
    assert plan.header.named_all is True
    assert plan.header.operations["reject"] == 3


def test_beyond_a_thousand_key_problems_one_line_counts_the_rest(tmp_path: Path) -> None:
    null = KeyProblem(key="row 3", rows=1, rejection=Rejection.of(KeyNull("The key is null.")))
    double = KeyProblem(key="7", rows=4, rejection=Rejection.of(KeyDuplicate("4 rows.")))
    plan = _write(tmp_path, [], [null] * NAMED_KEY_PROBLEMS + [null] * 2 + [double] * 3)
    operations = _all(plan)
    assert len(operations) == NAMED_KEY_PROBLEMS + 1
    assert operations[-1].key == "14 more rows"
    assert operations[-1].rejection is not None
    assert operations[-1].rejection.code == KeysLeftOut.code
    assert plan.header.named_all is False
    assert operations[-1].rejection.message == (
        "14 more rows are left out for their keys: 12 with a duplicate key, 2 with a null in the key."
    )
    assert plan.header.key_problems == NAMED_KEY_PROBLEMS + 14


def test_an_edited_plan_is_refused(tmp_path: Path) -> None:
    folder = _write(tmp_path, OPERATIONS).folder
    other = _write(tmp_path, OPERATIONS[:1], plan_id="p2").folder
    (folder / "operations.parquet").write_bytes((other / "operations.parquet").read_bytes())
    with pytest.raises(StoreFailed, match="not the ones that were planned"):
        Plan.open(folder)


@pytest.mark.parametrize("text", [b"", b"{}", b'{"id": 1}', b"\xff"])
def test_a_damaged_header_is_an_error_of_the_store(tmp_path: Path, text: bytes) -> None:
    folder = _write(tmp_path, OPERATIONS).folder
    (folder / "header.json").write_bytes(text)
    with pytest.raises(StoreFailed, match="cannot be read"):
        Plan.open(folder)


def test_a_plan_that_is_not_there_is_unknown(tmp_path: Path) -> None:
    with pytest.raises(NameUnknown, match="'p9'"):
        Plan.open(tmp_path / "p9")


def test_the_diff_writes_into_the_plan(tmp_path: Path) -> None:
    sync = Sync(tmp_path)
    sync.stage(pa.table({"id": [1, 2]}))
    with PlanWriter(tmp_path / "plans", "p1", tmp_path / "partial") as writer:
        sync.diff(out=writer.changes)
        plan = writer.finish(HEADER)
    assert [row.key for batch in plan.read_changes() for row in batch] == ["1", "2"]


def test_a_disk_that_refuses_is_an_error_of_the_store(tmp_path: Path) -> None:
    (tmp_path / "plans").write_text("a file where the folder should be")
    with pytest.raises(StoreFailed, match="could not be written"):
        _write(tmp_path / "plans", OPERATIONS)
