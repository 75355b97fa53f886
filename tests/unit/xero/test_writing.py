from __future__ import annotations

from collections import deque
from dataclasses import replace
from datetime import timedelta

import pytest

from bookward.errors import AccessDenied, AnswerLost, RateLimited, RemoteRefused, RemoteUnavailable
from bookward.records import Intent, OperationKind, OutcomeStatus
from tests.unit.xero import fakes
from tests.unit.xero.fakes import Bench, archive, insert, update

ACCEPTED, REJECTED = OutcomeStatus.ACCEPTED, OutcomeStatus.REJECTED


@pytest.fixture
def bench():
    return Bench(batch_size=10)


def assert_all_booked_once(bench, outcomes, count):
    assert [outcome.status for outcome in outcomes] == [ACCEPTED] * count
    assert sorted(contact["Name"] for contact in bench.client.contacts.values()) == sorted(
        f"N{seq}" for seq in range(count)
    )
    for outcome in outcomes:
        assert bench.client.contacts[outcome.remote_id]["Name"] == f"N{outcome.seq}"
    assert bench.journal.open_intents() == []
    assert {outcome.seq: outcome for outcome in outcomes} == bench.journal.outcomes


def test_inserts_go_by_put_and_everything_else_by_post(bench):
    one, two = bench.client.add(Name="One"), bench.client.add(Name="Two")
    outcomes = bench.write([insert(0), update(1, one, EmailAddress="a@b.nz"), archive(2, two)])
    assert [outcome.status for outcome in outcomes] == [ACCEPTED] * 3
    assert sorted((call.method, call.rows) for call in bench.client.writes) == [("POST", 2), ("PUT", 1)]
    assert bench.client.contacts[one]["EmailAddress"] == "a@b.nz"
    assert bench.client.contacts[two]["ContactStatus"] == "ARCHIVED"


def test_rows_are_written_down_before_they_leave(bench):
    def check(client, work):
        assert bench.journal.events[-1][0] == "intend"
        (intent,) = bench.journal.open_intents()
        assert intent.body == client.calls[-1].body
        assert intent.idempotency_key == client.calls[-1].key
        return work()

    bench.client.faults = [check]
    assert_all_booked_once(bench, bench.write([insert(0), insert(1)]), 2)


def test_operations_that_send_nothing_are_passed_over(bench):
    outcomes = bench.write([insert(0), fakes.operation(1, OperationKind.KEEP)])
    assert [outcome.seq for outcome in outcomes] == [0]


def test_a_refused_row_does_not_hold_the_others_back(bench):
    outcomes = bench.write([insert(0), insert(1, Name="refuse"), insert(2)])
    assert [outcome.status for outcome in outcomes] == [ACCEPTED, REJECTED, ACCEPTED]
    assert outcomes[1].rejection.code == "remote_rejected"
    assert outcomes[1].rejection.message == "Email address must be valid"
    assert outcomes[1].rejection.remedy == "Correct the e-mail address in the source."


def test_accepted_records_go_into_the_index(bench):
    (outcome,) = bench.write([insert(0)])
    assert bench.index.records[outcome.remote_id].keys == {"Name": "n0"}


@pytest.mark.parametrize(
    "fault",
    [
        fakes.lost_after_commit,
        fakes.lost_before_commit,
        fakes.server_error_after_commit,
        fakes.server_error_before_commit,
        fakes.nothing_left,
        fakes.fewer_elements,
        fakes.half_json,
        fakes.html_404,
        fakes.too_large,
    ],
)
@pytest.mark.parametrize("times", [1, 2])
def test_whatever_goes_wrong_on_the_way_every_row_is_booked_once(bench, fault, times):
    bench.client.faults = [fault] * times
    outcomes = bench.write([insert(seq) for seq in range(25)])
    assert_all_booked_once(bench, outcomes, 25)


@pytest.mark.parametrize(
    "fault", [fakes.lost_after_commit, fakes.server_error_after_commit, fakes.server_error_before_commit]
)
def test_updates_and_archives_survive_lost_answers(bench, fault):
    ids = [bench.client.add(Name=f"N{seq}") for seq in range(4)]
    bench.client.faults = [fault]
    operations = [update(seq, id_, FirstName="New") for seq, id_ in enumerate(ids[:3])] + [archive(3, ids[3])]
    outcomes = bench.write(operations)
    assert [outcome.status for outcome in outcomes] == [ACCEPTED] * 4
    assert [bench.client.contacts[id_].get("FirstName") for id_ in ids] == ["New", "New", "New", None]
    assert bench.client.contacts[ids[3]]["ContactStatus"] == "ARCHIVED"


def test_a_lost_answer_is_asked_for_again_with_the_same_bytes_and_key(bench):
    bench.client.faults = [fakes.lost_after_commit]
    bench.write([insert(0)])
    first, second = bench.client.writes
    assert (first.body, first.key) == (second.body, second.key)
    assert bench.client.reads == []


def test_a_server_error_is_read_back_and_what_is_missing_goes_under_a_new_key(bench):
    bench.client.faults = [fakes.server_error_before_commit]
    bench.write([insert(0)])
    first, second = bench.client.writes
    assert first.body == second.body
    assert first.key != second.key
    assert len(bench.client.reads) == 1


def test_a_server_error_after_booking_sends_nothing_again(bench):
    bench.client.faults = [fakes.server_error_after_commit]
    assert_all_booked_once(bench, bench.write([insert(0), insert(1)]), 2)
    assert len(bench.client.writes) == 1


def test_an_insert_that_somebody_else_made_meanwhile_is_not_taken_for_ours(bench):
    def somebody_else(client, work):
        client.add(Name="N0", EmailAddress="other@else.nz")
        return fakes.server_error_before_commit(client, work)

    bench.client.faults = [somebody_else]
    (outcome,) = bench.write([insert(0, EmailAddress="ours@here.nz")])
    assert outcome.rejection.code == "match_taken"
    assert len(bench.client.contacts) == 1


def test_an_insert_refused_for_the_contact_it_created_itself_is_accepted(bench):
    def forgetful(client, work):
        work()
        client._answers.clear()
        raise AnswerLost("cut")

    bench.client.faults = [forgetful]
    assert_all_booked_once(bench, bench.write([insert(0), insert(1)]), 2)


def test_a_batch_that_is_refused_as_a_whole_is_halved_down_to_the_bad_rows(bench):
    bench.client.poison = {"poison"}
    operations = [insert(seq, **({"FirstName": "poison"} if seq in (3, 8) else {})) for seq in range(10)]
    outcomes = bench.write(operations)
    assert [outcome.seq for outcome in outcomes if outcome.status is REJECTED] == [3, 8]
    assert outcomes[3].rejection.message == "Xero answered 400: Malformed"
    assert len({call.key for call in bench.client.writes}) == len(bench.client.writes)
    assert len(bench.client.contacts) == 8


def test_an_unknown_id_costs_its_own_row_only(bench):
    ids = [bench.client.add(Name=f"N{seq}") for seq in range(3)]
    operations = [update(seq, id_, FirstName="New") for seq, id_ in enumerate(ids)]
    operations.append(update(3, "dead0000-0000-4000-8000-000000000000", FirstName="New"))
    outcomes = bench.write(operations)
    assert [outcome.status for outcome in outcomes] == [ACCEPTED] * 3 + [REJECTED]
    assert outcomes[3].rejection.code == "record_missing"


def test_a_xero_that_refuses_everything_stops_the_run_before_it_burns_the_quota():
    bench = Bench(batch_size=50)
    bench.client.faults = [fakes.html_404] * 1000
    with pytest.raises(RemoteRefused):
        bench.write([insert(seq) for seq in range(500)])
    assert len(bench.client.calls) < 40
    assert bench.client.contacts == {}
    assert bench.journal.open_intents() == []


def test_few_rows_that_are_all_bad_are_rejected_one_by_one(bench):
    bench.client.poison = {"Contacts"}
    outcomes = bench.write([insert(seq) for seq in range(4)])
    assert [outcome.status for outcome in outcomes] == [REJECTED] * 4


def test_rows_whose_answers_never_fit_are_rejected_once_reading_back_says_that_they_are_not_booked(bench):
    ids = [bench.client.add(Name=f"N{seq}") for seq in range(2)]

    def swapped(client, work):
        return fakes.fewer_elements(
            client, lambda: client.envelope([client.shown(ids[0]), client.shown(ids[1])])
        )

    bench.client.faults = [swapped] * 9
    outcomes = bench.write([update(seq, id_, FirstName="New") for seq, id_ in enumerate(ids)])
    assert [outcome.status for outcome in outcomes] == [REJECTED, REJECTED]
    assert all("reading back" in outcome.rejection.message for outcome in outcomes)
    assert len(bench.client.writes) == 4


def test_the_day_limit_ends_the_run_with_everything_known_settled(bench):
    def day_limit(client, work):
        raise RateLimited("day", wait=timedelta(hours=5))

    bench.client.faults = [None, day_limit, *[day_limit] * 50]
    got = []
    groups = bench.xero.write(bench.sync, "run-1", (insert(seq) for seq in range(100)), bench.journal)
    with pytest.raises(RateLimited):
        deque(map(got.extend, groups))
    assert {outcome.seq: outcome for outcome in got} == bench.journal.outcomes
    assert len(bench.client.contacts) == len(got) == 10
    assert bench.journal.open_intents() == []
    assert len(bench.client.writes) <= 6


def test_nothing_new_leaves_once_a_thread_was_stopped(bench):
    def denied(client, work):
        raise AccessDenied("no")

    bench.client.faults = [denied]
    with pytest.raises(AccessDenied):
        bench.write([insert(seq) for seq in range(1000)])
    assert len(bench.client.writes) <= 10
    assert bench.journal.open_intents() == []


def test_a_long_outage_leaves_the_batch_open_for_the_next_process(bench):
    bench.client.faults = [fakes.server_error_after_commit]
    bench.client.read_faults = [fakes.server_error_before_commit] * 9
    with pytest.raises(RemoteUnavailable):
        bench.write([insert(0)])
    assert len(bench.journal.open_intents()) == 1
    bench.client.read_faults = []
    bench.clock.jump(hours=1)
    assert_all_booked_once(bench, bench.resume([insert(0)]), 1)
    assert len(bench.client.writes) == 1


def test_an_outage_before_anything_left_closes_the_batch(bench):
    bench.client.faults = [fakes.nothing_left] * 9
    with pytest.raises(RemoteUnavailable):
        bench.write([insert(0)])
    assert bench.journal.open_intents() == []
    assert bench.client.reads == []


def killed_after_sending(bench, operations, *, commit=True):
    """Leave the journal and Xero as a process does that was killed with its answer on the way."""

    class Killed(BaseException):
        pass

    def kill(client, work):
        if commit:
            work()
        raise Killed

    bench.client.faults = [kill]
    with pytest.raises(Killed):
        bench.write(operations)


@pytest.mark.parametrize("commit", [True, False])
def test_a_young_open_batch_goes_again_under_its_key(bench, commit):
    operations = [insert(seq) for seq in range(3)]
    killed_after_sending(bench, operations, commit=commit)
    bench.clock.jump(seconds=60)
    assert_all_booked_once(bench, bench.resume(operations), 3)
    first, second = bench.client.writes
    assert (first.body, first.key) == (second.body, second.key)


@pytest.mark.parametrize("commit", [True, False])
def test_an_old_open_batch_is_read_back(bench, commit):
    operations = [insert(seq) for seq in range(3)]
    killed_after_sending(bench, operations, commit=commit)
    bench.clock.jump(minutes=7)
    outcomes = bench.resume(operations)
    assert [outcome.status for outcome in outcomes] == ([ACCEPTED] * 3 if commit else [])
    assert len(bench.client.contacts) == (3 if commit else 0)
    assert len(bench.client.writes) == 1
    assert bench.journal.open_intents() == []


def test_waiting_for_limits_cannot_outlive_the_key(bench):
    operations = [insert(0)]
    killed_after_sending(bench, operations)
    bench.clock.jump(minutes=4)  # two minutes of patience would go past the key's six
    assert_all_booked_once(bench, bench.resume(operations), 1)
    assert len(bench.client.writes) == 1


@pytest.mark.parametrize(
    ("boot", "minutes", "waits"),
    [("another", 0, 30), ("another", 600, 30), ("fake", 4, 30), ("fake", 5.75, 15), ("fake", 7, 0)],
)
def test_what_a_killed_process_sent_is_not_missing_while_it_can_still_land(bench, boot, minutes, waits):
    operations = [insert(0)]
    killed_after_sending(bench, operations, commit=False)
    from_another_boot(bench, boot)
    bench.clock.jump(minutes=minutes)
    lands = bench.clock.now() + timedelta(seconds=waits - 1)

    def late(client, work):
        if waits and client.clock.now() >= lands:
            client.add(Name="N0")
        return work()

    bench.client.read_faults = [late, late]
    outcomes = bench.resume(operations)
    assert [outcome.status for outcome in outcomes] == ([ACCEPTED] if waits else [])
    assert len(bench.client.writes) == 1
    assert sum(bench.clock.slept) == waits


def test_what_a_killed_process_booked_is_settled_without_waiting(bench):
    operations = [insert(0)]
    killed_after_sending(bench, operations)
    from_another_boot(bench, "another")
    assert_all_booked_once(bench, bench.resume(operations), 1)
    assert len(bench.client.writes) == 1
    assert bench.clock.slept == []


def from_another_boot(bench, boot):
    for batch, intent in bench.journal.intents.items():
        bench.journal.intents[batch] = replace(intent, uptime=replace(intent.uptime, boot=boot))


def test_a_resumed_update_that_xero_shows_is_not_sent_again(bench):
    id_ = bench.client.add(Name="N0", FirstName="Old")
    operations = [update(0, id_, FirstName="New")]
    killed_after_sending(bench, operations)
    bench.clock.jump(hours=2)
    (outcome,) = bench.resume(operations)
    assert outcome.status is ACCEPTED
    assert len(bench.client.writes) == 1


def test_resuming_with_nothing_open_makes_no_call(bench):
    assert bench.resume([]) == []
    assert bench.client.calls == []


def test_an_intent_says_what_was_sent(bench):
    bench.write([insert(5), insert(7)])
    (intent,) = bench.journal.intents.values()
    assert isinstance(intent, Intent)
    assert (intent.run, intent.seqs, intent.method, intent.path) == ("run-1", (5, 7), "PUT", "Contacts")
    assert len(intent.idempotency_key) <= 128
