from __future__ import annotations

from decimal import Decimal

import pytest

from bookward import exactjson
from bookward.records import ChangeKind, OperationKind, Rejection
from tests.unit.xero.fakes import Bench, draft

CHANGED, REMOVED, REMAPPED = ChangeKind.CHANGED, ChangeKind.REMOVED, ChangeKind.REMAPPED
K = OperationKind


@pytest.fixture
def bench():
    return Bench()


def one(bench, *args, **kwargs):
    (operation,) = bench.resolve(draft(*args, **kwargs))
    return operation


def code(operation):
    assert operation.kind is K.REJECT
    return operation.rejection.code


def test_a_row_without_a_record_is_inserted(bench):
    operation = one(bench, 0, Name="Acme", FirstName="Ann")
    assert (operation.kind, operation.remote_id, operation.before) == (K.INSERT, None, None)
    assert operation.payload == {"Name": "Acme", "FirstName": "Ann"}


def test_an_equal_record_is_adopted_and_nothing_is_sent(bench):
    id_ = bench.client.add(Name="acme", FirstName="Ann", LastName="", Phones=[])
    bench.client.touch(id_, Name="Acme")
    operation = one(bench, 0, Name="Acme", FirstName="Ann", LastName="")
    assert (operation.kind, operation.remote_id, operation.before) == (K.ADOPT, id_, {})


def test_a_different_record_is_updated_with_xeros_values_as_the_old_ones(bench):
    id_ = bench.client.add(Name="Acme", FirstName="Old", EmailAddress="a@b.nz")
    operation = one(bench, 0, Name="ACME", FirstName="New", EmailAddress="a@b.nz", LastName="Lee")
    assert (operation.kind, operation.remote_id) == (K.UPDATE, id_)
    assert operation.before == {"Name": "Acme", "FirstName": "Old", "LastName": None}
    assert operation.payload["EmailAddress"] == "a@b.nz"


def test_a_known_row_is_updated_by_its_id_whatever_its_name(bench):
    id_ = bench.client.add(Name="Old name")
    bench.ledger.ids = {"k0": id_}
    operation = one(bench, 0, change=CHANGED, Name="New name", previous={"Name": "Old name"})
    assert (operation.kind, operation.remote_id) == (K.UPDATE, id_)
    assert operation.before == {"Name": "Old name"}


def test_a_row_that_moved_without_anything_to_send_needs_no_call(bench):
    bench.ledger.ids = {"k0": "c0000000-0000-4000-8000-000000000001"}
    operation = one(
        bench,
        0,
        change=CHANGED,
        Name="A",
        Fee=Decimal("1.50"),
        previous={"Name": "A", "Fee": Decimal("1.5"), "X": "y"},
    )
    assert (operation.kind, operation.payload["Name"]) == (K.UNCHANGED, "A")
    assert bench.client.calls == []


def test_a_field_that_is_now_cleared_is_something_to_send(bench):
    id_ = bench.client.add(Name="A", FirstName="Still here")
    bench.ledger.ids = {"k0": id_}
    operation = one(bench, 0, change=REMAPPED, Name="A", FirstName="", previous={"Name": "A"})
    assert (operation.kind, operation.before) == (K.UPDATE, {"FirstName": "Still here"})


def test_a_change_that_xero_has_already_is_adopted(bench):
    id_ = bench.client.add(Name="New")
    bench.ledger.ids = {"k0": id_}
    assert one(bench, 0, change=CHANGED, Name="New", previous={"Name": "Old"}).kind is K.ADOPT


def test_fields_for_creation_only_are_left_out_of_updates(bench):
    bench.client.add(Name="Acme", FirstName="Theirs")
    only = frozenset({"FirstName"})
    updated, inserted = bench.resolve(
        draft(0, Name="Acme", FirstName="Ours", LastName="Lee", create_only=only),
        draft(1, Name="Fresh", FirstName="Ours", create_only=only),
    )
    assert updated.payload == {"Name": "Acme", "LastName": "Lee"}
    assert inserted.payload == {"Name": "Fresh", "FirstName": "Ours"}


def test_two_records_of_one_number_are_ambiguous_and_both_are_named():
    bench = Bench(match={"ContactNumber": "id"})
    first, second = (
        bench.client.add(Name="A", ContactNumber="c1"),
        bench.client.add(Name="B", ContactNumber="c1"),
    )
    operation = one(bench, 0, Name="A", ContactNumber="c1", match_field="ContactNumber")
    assert code(operation) == "match_ambiguous"
    assert first in operation.rejection.message
    assert second in operation.rejection.message


def test_an_archived_namesake_is_named_before_a_call_is_spent(bench):
    bench.client.add(Name="Acme", ContactStatus="ARCHIVED")
    assert code(one(bench, 0, Name="acme", FirstName="New")) == "record_archived"


@pytest.mark.parametrize("mode", ["upsert", "update", "insert"])
def test_a_row_that_says_archived_as_the_books_do_is_as_it_should_be(mode):
    bench = Bench(mode=mode)
    id_ = bench.client.add(Name="Acme", ContactStatus="ARCHIVED")
    operation = one(bench, 0, Name="Acme", ContactStatus="ARCHIVED")
    assert (operation.kind, operation.remote_id) == (K.ADOPT, id_)
    assert code(one(bench, 0, Name="Acme", FirstName="New", ContactStatus="ARCHIVED")) == "record_archived"
    assert code(one(bench, 0, Name="Acme", ContactStatus="ACTIVE")) == "record_archived"
    assert code(one(bench, 0, Name="Acme")) == "record_archived"


def test_the_active_one_of_two_namesakes_is_meant(bench):
    bench.client.add(Name="Acme", ContactStatus="ARCHIVED")
    id_ = bench.client.add(Name="Acme")
    assert one(bench, 0, Name="Acme", FirstName="New").remote_id == id_


def test_an_archived_number_blocks_an_insert(bench):
    bench.client.add(Name="Other", ContactNumber="c1", ContactStatus="ARCHIVED")
    assert code(one(bench, 0, Name="Acme", ContactNumber="C1")) == "record_archived"


def test_a_merged_record_says_where_it_went(bench):
    id_ = bench.client.add(Name="Acme", ContactStatus="ARCHIVED", MergedToContactID="target")
    bench.ledger.ids = {"k0": id_}
    operation = one(bench, 0, change=CHANGED, Name="Acme 2", previous={"Name": "Acme"})
    assert code(operation) == "record_archived"
    assert "target" in operation.rejection.message


@pytest.mark.parametrize("field", ["ContactNumber", "AccountNumber"])
def test_a_value_that_another_record_holds_is_refused_before_a_call_is_spent(bench, field):
    holder = bench.client.add(Name="Other", **{field: "X1"})
    bench.ledger.ids = {"owner": holder}
    operation = one(bench, 0, Name="Acme", **{field: "x1"})
    assert code(operation) == "match_taken"
    assert holder in operation.rejection.message
    assert "'owner'" in operation.rejection.message


def test_a_rename_to_the_name_of_another_record_is_refused(bench):
    mine, _ = bench.client.add(Name="Mine"), bench.client.add(Name="Theirs")
    bench.ledger.ids = {"k0": mine}
    assert code(one(bench, 0, change=CHANGED, Name="theirs", previous={"Name": "Mine"})) == "match_taken"


def test_a_record_of_another_row_is_not_taken(bench):
    bench.ledger.ids = {"other row": bench.client.add(Name="Acme")}
    operation = one(bench, 0, Name="Acme", FirstName="New")
    assert code(operation) == "match_taken"
    assert "'other row'" in operation.rejection.message


def test_of_rows_that_want_one_name_none_is_taken(bench):
    operations = bench.resolve(
        draft(0, Name="Acme"), draft(1, Name="ACME"), doubles={"Name=acme": ["k0", "k1"]}
    )
    assert [code(operation) for operation in operations] == ["match_taken"] * 2
    assert "'k1'" in operations[0].rejection.message
    assert bench.client.calls == []


def test_a_newcomer_does_not_stop_the_row_that_has_the_name(bench):
    id_ = bench.client.add(Name="Acme", FirstName="Old")
    bench.ledger.ids = {"k0": id_}
    old, new = bench.resolve(
        draft(0, change=CHANGED, Name="Acme", FirstName="New", previous={"Name": "Acme", "FirstName": "Old"}),
        draft(1, Name="acme"),
        doubles={"Name=acme": ["k0", "k1"]},
    )
    assert (old.kind, code(new)) == (K.UPDATE, "match_taken")


def test_matching_by_id():
    bench = Bench(match={"ContactID": "xero_id"})
    id_ = bench.client.add(Name="Acme", FirstName="Old")
    unknown = "dead0000-0000-4000-8000-000000000000"
    found, missing, fresh, broken = bench.resolve(
        draft(0, Name="Acme", FirstName="New", match=id_.upper()),
        draft(1, Name="Beta", match=unknown),
        draft(2, Name="Gamma", match_field="ContactID"),
        draft(3, Name="Delta", match="12"),
    )
    assert (found.kind, found.remote_id) == (K.UPDATE, id_)
    assert code(missing) == "record_missing"
    assert fresh.kind is K.INSERT
    assert code(broken) == "field_invalid"
    assert [call.params["IDs"] for call in bench.client.reads if "IDs" in call.params] == [unknown]


def test_a_known_row_that_names_another_record_moves_to_it():
    bench = Bench(match={"ContactID": "xero_id"})
    old, new = bench.client.add(Name="Old"), bench.client.add(Name="New")
    bench.ledger.ids = {"k0": old}
    operation = one(bench, 0, change=CHANGED, match=new, Name="New", previous={"Name": "New"})
    assert (operation.kind, operation.remote_id) == (K.ADOPT, new)


def test_two_rows_that_name_one_record_by_its_id_are_both_refused():
    bench = Bench(match={"ContactID": "xero_id"})
    id_ = bench.client.add(Name="Acme")
    operations = bench.resolve(draft(0, Name="Acme 1", match=id_), draft(1, Name="Acme 2", match=id_))
    assert [code(operation) for operation in operations] == ["match_taken"] * 2


def test_a_record_that_is_gone_is_asked_for_by_id_before_it_is_called_missing(bench):
    bench.index.watermark = "2026-11-02T08:00:00"
    late = bench.client.add(Name="Late", FirstName="Old")
    bench.client.contacts[late]["at"] = bench.clock.now().replace(year=2020)
    bench.ledger.ids = {"k0": late, "k1": "dead0000-0000-4000-8000-000000000000"}
    found, gone = bench.resolve(
        draft(0, change=CHANGED, Name="Late", FirstName="New", previous={"Name": "Late"}),
        draft(1, change=CHANGED, Name="Gone", previous={"Name": "Go"}),
    )
    assert found.before == {"FirstName": "Old"}
    assert code(gone) == "record_missing"


def test_a_new_contact_needs_a_name():
    bench = Bench(match={"ContactNumber": "id"})
    operation = one(bench, 0, ContactNumber="c1", match_field="ContactNumber")
    assert (code(operation), operation.rejection.field) == ("field_required", "Name")


def test_a_row_without_its_match_value_is_refused():
    bench = Bench(match={"ContactNumber": "id"})
    assert code(one(bench, 0, Name="Acme", match_field="ContactNumber")) == "field_required"
    assert bench.client.calls == []


def test_rejected_drafts_pass_through(bench):
    rejection = Rejection(code="field_invalid", message="no")
    assert one(bench, 0, rejection=rejection).rejection is rejection
    assert bench.client.calls == []


def test_removed_rows_are_kept_without_a_call(bench):
    bench.ledger.ids = {"k0": bench.client.add(Name="Acme")}
    operation = one(bench, 0, change=REMOVED)
    assert (operation.kind, operation.payload) == (K.KEEP, {})
    assert bench.client.calls == []


def test_removed_rows_are_archived_where_the_sync_says_so():
    bench = Bench(on_removal="archive")
    active, archived = bench.client.add(Name="A"), bench.client.add(Name="B", ContactStatus="ARCHIVED")
    bench.ledger.ids = {"k0": active, "k1": archived, "k2": "dead0000-0000-4000-8000-000000000000"}
    operations = bench.resolve(*(draft(seq, change=REMOVED) for seq in range(4)))
    assert [operation.kind for operation in operations] == [K.ARCHIVE, K.ADOPT, K.KEEP, K.KEEP]
    assert operations[0].payload == {"ContactStatus": "ARCHIVED"}
    assert operations[0].before == {"ContactStatus": "ACTIVE"}


@pytest.mark.parametrize("on_removal", ["keep", "archive"])
def test_a_record_lives_on_when_its_row_only_changed_its_key(on_removal):
    bench = Bench(on_removal=on_removal)
    id_ = bench.client.add(Name="Acme", FirstName="Old")
    bench.ledger.ids = {"k0": id_}
    removed, added = bench.resolve(draft(0, change=REMOVED), draft(1, Name="Acme", FirstName="New"))
    kept = K.KEEP if on_removal == "keep" else K.HOLD
    assert (removed.kind, added.kind, added.remote_id) == (kept, K.UPDATE, id_)


def test_a_number_that_differs_in_case_is_neither_taken_over_nor_sent():
    bench = Bench(match={"ContactNumber": "id"})
    bench.client.add(Name="By hand", ContactNumber="ab1")
    operation = one(bench, 0, Name="A", ContactNumber="AB1", match_field="ContactNumber")
    assert (code(operation), operation.rejection.field) == ("match_taken", "ContactNumber")


def test_planning_twice_gives_the_same_bytes(bench):
    for seq in range(20):
        bench.client.add(Name=f"N{seq % 15}", FirstName="Old", ContactNumber=f"c{seq % 7}")
    drafts = [draft(seq, Name=f"n{seq}", FirstName="New", ContactNumber=f"C{seq % 9}") for seq in range(25)]
    first = bench.resolve(*drafts)
    bench.xero._indexes["contacts"].expire()
    assert exactjson.encode(first) == exactjson.encode(bench.resolve(*drafts))
