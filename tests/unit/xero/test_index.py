from __future__ import annotations

import pytest

from bookward.errors import RemoteRefused, RemoteUnavailable
from tests.unit.xero.fakes import Bench, draft, html_404, insert


@pytest.fixture
def bench():
    return Bench()


def ask_for_many(bench, count=400):
    """Plan so many rows that reading every page takes fewer calls than asking for them."""
    bench.resolve(*(draft(seq, Name=f"N{seq}") for seq in range(count)))


def test_the_first_fill_reads_full_pages_with_the_archived(bench):
    for number in range(2500):
        bench.client.add(Name=f"N{number}")
    ask_for_many(bench)
    assert sorted(call.params["page"] for call in bench.client.reads) == ["1", "2", "3"]
    assert all(
        call.params["pageSize"] == "1000" and call.params["includeArchived"] == "true" and call.since is None
        for call in bench.client.reads
    )
    assert len(bench.index.records) == 2500


def test_later_one_call_asks_for_what_changed(bench):
    bench.client.add(Name="Old")
    ask_for_many(bench)
    bench.clock.jump(hours=3)
    bench.client.add(Name="New")
    bench.xero.write(bench.sync, "run", iter(()), bench.journal)
    bench.resolve(draft(0, Name="New"))
    _, second = bench.client.reads
    assert second.since == "2026-11-02T08:58:00"
    assert [record.keys["Name"] for record in bench.index.records.values()] == ["old", "new"]


def test_a_plan_in_several_parts_reads_once(bench):
    ask_for_many(bench)
    for seq in range(3):
        bench.resolve(draft(seq, Name=f"M{seq}"))
    assert len(bench.client.reads) == 1


def test_what_a_run_wrote_needs_no_reading_to_be_known(bench):
    bench.resolve(draft(0, Name="Other"))
    (outcome,) = bench.write([insert(1)])
    assert outcome.remote_id in bench.index.records
    assert len(bench.client.reads) == 1


def test_a_fill_that_was_cut_off_starts_again(bench):
    for number in range(1500):
        bench.client.add(Name=f"N{number}")
    bench.client.read_faults = [lambda client, work: work(), html_404]
    with pytest.raises(RemoteRefused):
        ask_for_many(bench)
    assert bench.index.watermark is None
    ask_for_many(bench)
    assert len(bench.index.records) == 1500


def test_a_record_that_slipped_between_two_pages_is_found_by_reading_again(bench):
    ids = [bench.client.add(Name=f"N{number}") for number in range(1500)]

    def edited_meanwhile(client, work):
        answer = work()
        bench.clock.jump(seconds=1)
        client.touch(ids[0])  # moves to the end: record 1000 moves up to the page already read
        return answer

    bench.client.read_faults = [edited_meanwhile]
    ask_for_many(bench)
    assert set(bench.index.records) == set(ids)


@pytest.mark.parametrize(("times", "complete"), [(2, True), (3, False)])
def test_all_records_are_read_in_one_go_or_it_is_said_that_some_may_be_missing(bench, times, complete):
    ids = [bench.client.add(Name=f"N{number}") for number in range(1500)]

    def edited_meanwhile(client, work):
        answer = work()
        bench.clock.jump(seconds=1)
        client.touch(moving.pop(0))
        return answer

    moving = list(ids)
    bench.client.read_faults = [fault for _ in range(times) for fault in (edited_meanwhile, None)]
    if complete:
        found = [record.remote_id for record in bench.xero.in_books(bench.sync)]
        assert sorted(found) == sorted(ids)
        assert len(bench.client.reads) == 6
    else:
        with pytest.raises(RemoteUnavailable, match="kept changing"):
            bench.xero.in_books(bench.sync)
