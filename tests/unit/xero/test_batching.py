from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookward import exactjson
from bookward.destinations.xero.batching import MAX_SIZE, BatchSize, Cutter
from bookward.destinations.xero.contacts import CONTACTS
from bookward.records import OperationKind
from tests.unit.xero.fakes import archive, insert, update


def cut(operations, size=None, max_body=10_000):
    return Cutter(CONTACTS, size or BatchSize(7), max_body).cut(operations)


@given(st.lists(st.tuples(st.sampled_from("iua"), st.integers(0, 400)), max_size=60), st.integers(1, 9))
def test_every_operation_is_in_one_batch_and_every_limit_holds(shapes, size):
    makers = {
        "i": lambda seq, n: insert(seq, FirstName="x" * n),
        "u": lambda seq, n: update(seq, f"id{seq}", FirstName="x" * n),
        "a": lambda seq, n: archive(seq, f"id{seq}"),
    }
    operations = [makers[kind](seq, n) for seq, (kind, n) in enumerate(shapes)]
    batches = cut(operations, BatchSize(size), 1000)
    assert sorted(o.seq for b in batches for o in b.operations) == list(range(len(operations)))
    for batch in batches:
        assert len(batch.operations) <= size
        assert len(batch.body) <= 1000
        assert {o.kind is OperationKind.INSERT for o in batch.operations} == {batch.method == "PUT"}
        elements = exactjson.decode(batch.body)["Contacts"]
        assert elements == [CONTACTS.element(o) for o in batch.operations]


def test_a_row_larger_than_a_body_goes_alone():
    batches = cut([insert(0), insert(1, FirstName="x" * 2000), insert(2)], max_body=1000)
    assert [len(batch.operations) for batch in batches] == [1, 1, 1]


def test_an_archive_sends_nothing_but_the_status():
    (batch,) = cut([archive(0, "abc")])
    assert batch.body == b'{"Contacts":[{"ContactID":"abc","ContactStatus":"ARCHIVED"}]}'


def test_halves():
    batches = Cutter(CONTACTS, BatchSize(100)).halves([insert(seq) for seq in range(5)])
    assert [len(batch.operations) for batch in batches] == [3, 2]


def test_a_fixed_size_stays():
    size = BatchSize(40)
    size.failed(40)
    size.succeeded(40, 0.1)
    assert size.rows == 40


def test_the_size_grows_while_calls_are_quick_and_stops_at_the_target():
    size = BatchSize()
    assert size.rows == 100
    for _ in range(40):
        size.succeeded(size.rows, 0.5 + 0.005 * size.rows)
    assert 700 <= size.rows <= 1000


@pytest.mark.parametrize(("call", "row"), [(0.5, 0.005), (0.2, 0.02), (2.0, 0.001), (0.1, 0.05)])
def test_the_size_is_found_in_a_few_calls_from_below(call, row):
    size, calls = BatchSize(), 0
    while size.learning:
        seconds = call + row * size.rows
        assert seconds <= 5.0 * 1.25
        size.succeeded(size.rows, seconds)
        calls += 1
    assert calls <= 4
    assert size.rows == MAX_SIZE or 3.9 <= call + row * size.rows <= 5.0 * 1.25


def test_a_batch_that_was_not_full_says_that_there_is_nothing_to_learn():
    size = BatchSize()
    size.succeeded(1, 0.1)
    assert (size.learning, size.rows) == (False, 100)


def test_the_size_has_an_upper_bound():
    size = BatchSize()
    for _ in range(60):
        size.succeeded(size.rows, 0.01)
    assert size.rows == MAX_SIZE


def test_failures_side_by_side_halve_once():
    size = BatchSize()
    for _ in range(5):
        size.failed(100)
    assert size.rows == 50
    for _ in range(50):
        size.failed(size.rows)
    assert size.rows == 1


def test_a_slow_call_shrinks_the_next():
    size = BatchSize()
    size.succeeded(100, 20.0)
    assert size.rows == 25


def test_slow_calls_side_by_side_are_one_lesson():
    size = BatchSize()
    for _ in range(5):
        size.succeeded(100, 20.0)
    assert size.rows == 25


def test_a_call_that_is_somewhat_slow_leaves_the_size_alone():
    size = BatchSize()
    size.succeeded(100, 1.0)
    size.succeeded(500, 3.0)
    for _ in range(5):
        size.succeeded(900, 9.0)
    assert size.rows == 900


@pytest.mark.parametrize(("call", "row"), [(0.5, 0.005), (0.2, 0.02), (1.0, 0.01)])
def test_ten_thousand_rows_take_at_most_a_tenth_more_calls_than_if_the_size_were_known(call, row):
    size, rows, calls = BatchSize(), 10_000, 0
    while rows > 0:
        batch = min(rows, size.rows)
        size.succeeded(batch, call + row * batch)
        rows, calls = rows - batch, calls + 1
    assert calls <= 1.1 * -(-10_000 // int((5.0 - call) / row))


def test_a_last_short_batch_teaches_nothing():
    size = BatchSize()
    size.succeeded(3, 0.01)
    assert size.rows == 100
