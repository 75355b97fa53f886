"""What must hold for any rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bookward.records import row_key
from tests.unit.engine_data.ledger import Sync, same_rows

NewSync = Callable[[], Sync]
SCHEMA = pa.schema(
    [
        ("a", pa.string()),
        ("b", pa.int64()),
        ("name", pa.string()),
        ("amount", pa.decimal128(20, 4)),
        ("ratio", pa.float64()),
        ("tags", pa.list_(pa.string())),
    ]
)
FINER = SCHEMA.set(3, pa.field("amount", pa.decimal128(30, 7)))

_FEWER = settings(max_examples=max(settings().max_examples // 3, 1))  # each opens DuckDB several times

_TEXTS = st.sampled_from(["", "x", "ab", "a", "b", '","', "\x00", "\x1f", "é", "😀", "1", "1.0"])
_VALUES = st.fixed_dictionaries(
    {
        "name": st.none() | _TEXTS,
        "amount": st.none() | st.decimals(-(10**15), 10**15, places=4),
        "ratio": st.none() | st.floats(allow_subnormal=False),
        "tags": st.none() | st.lists(st.none() | _TEXTS, max_size=2),
    }
)
_KEYS = st.tuples(_TEXTS, st.integers(0, 3))
_ROWS = st.dictionaries(_KEYS, _VALUES, max_size=8)
_LOOSE_KEYS = st.tuples(st.none() | _TEXTS, st.none() | st.integers(0, 1))
_LOOSE_ROWS = st.lists(st.tuples(_LOOSE_KEYS, _VALUES), max_size=12)


def _table(rows: Any, schema: pa.Schema = SCHEMA) -> pa.Table:
    items = rows.items() if isinstance(rows, dict) else rows
    return pa.Table.from_pylist([{"a": a, "b": b, **values} for (a, b), values in items], schema)


@pytest.fixture(scope="module")
def new_sync(new_folder: Callable[[], Path]) -> NewSync:
    return lambda: Sync(new_folder(), keys=("a", "b"))


def _values(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    # Nought and its negative are one value, and so are all kinds of not-a-number.
    return [
        {name: str(value + 0.0) if isinstance(value, float) else value for name, value in row.items()}
        for row in ({name: row[name] for name in SCHEMA.names} for row in rows)
    ]


@_FEWER
@given(before=_ROWS, after=_ROWS)
def test_the_changes_applied_to_the_old_rows_give_the_new_ones(
    new_sync: NewSync, before: Any, after: Any
) -> None:
    sync = new_sync()
    sync.accept(_table(before))
    sync.accept(_table(after))
    assert same_rows(_values(sync.accepted()), _values(_table(after).to_pylist()))
    assert sync.diff().changes == 0


@_FEWER
@given(rows=_ROWS)
def test_the_same_rows_again_are_no_change_in_any_order_and_scale(new_sync: NewSync, rows: Any) -> None:
    sync = new_sync()
    sync.accept(_table(rows))
    turned = _table(dict(reversed(rows.items())), FINER)
    assert sync.diff(turned).same == len(rows)


@_FEWER
@given(before=_ROWS, after=_LOOSE_ROWS, data=st.data())
def test_every_row_and_every_key_is_in_exactly_one_class(
    new_sync: NewSync, before: Any, after: Any, data: Any
) -> None:
    sync = new_sync()
    sync.accept(_table(before))
    counts = sync.diff(_table(after))
    problems = sync.bad_keys()
    assert counts.rows == counts.same + counts.added + counts.changed + counts.remapped + counts.bad_keys
    assert counts.bad_keys == sum(problem.rows for problem in problems)

    present = [key for key, _ in after if None not in key]
    good = {key for key in present if present.count(key) == 1}
    kinds = sync.kinds()
    assert len(kinds) == counts.changes
    text = {key: row_key(key) for key in [*good, *before, *present]}
    expected_added = {text[key] for key in good if key not in before}
    expected_removed = {text[key] for key in before if key not in present}
    assert {key for key, kind in kinds.items() if kind == "added"} == expected_added
    assert {key for key, kind in kinds.items() if kind == "removed"} == expected_removed
    assert {key for key, kind in kinds.items() if kind == "changed"} <= {text[k] for k in good if k in before}
    assert not {problem.key for problem in problems} & set(kinds)

    done = data.draw(st.lists(st.sampled_from(range(counts.changes)), unique=True)) if kinds else []
    sync.fold(done)
    settled = {row.key for row in sync.changes() if row.seq in done}
    kept = {row_key([row["a"], row["b"]]): row for row in sync.accepted()}
    for key, values in before.items():
        if row_key(key) not in settled:
            assert _values([kept[row_key(key)]]) == _values(_table({key: values}).to_pylist())
    assert sync.diff().changes == counts.changes - len(done)


@_FEWER
@given(amount=st.decimals(min_value=Decimal("-9e37"), max_value=Decimal("9e37"), places=0))
def test_a_decimal_is_kept_to_its_last_digit(new_sync: NewSync, amount: Decimal) -> None:
    sync = new_sync()
    sync.accept(pa.table({"a": ["x"], "b": [1], "v": pa.array([Decimal(int(amount))], pa.decimal128(38, 0))}))
    assert sync.accepted()[0]["v"] == int(amount)
    (row,) = sync.changes()
    assert row.new is not None
    assert row.new["v"] == int(amount)
