"""However many things go wrong and however often the process dies: booked once, and the journal knows."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from bookward.errors import RetryLater
from bookward.records import OutcomeStatus
from tests.unit.xero import fakes
from tests.unit.xero.fakes import Bench, archive, insert, update


class Killed(BaseException):
    pass


def killed_before(client, work):
    raise Killed


def killed_after(client, work):
    work()
    raise Killed


def forgotten_after_commit(client, work):
    work()
    client._answers.clear()
    raise fakes.AnswerLost("cut")


WRITE_FAULTS = [
    None,
    killed_before,
    killed_after,
    forgotten_after_commit,
    fakes.lost_after_commit,
    fakes.lost_before_commit,
    fakes.server_error_after_commit,
    fakes.server_error_before_commit,
    fakes.nothing_left,
    fakes.fewer_elements,
    fakes.half_json,
]
READ_FAULTS = [fakes.server_error_before_commit, fakes.lost_before_commit, killed_before]


@given(
    faults=st.lists(st.sampled_from(WRITE_FAULTS), max_size=12),
    read_faults=st.lists(st.sampled_from(READ_FAULTS), max_size=6),
    pauses=st.lists(st.sampled_from([5, 100, 400]), min_size=1, max_size=4),
    size=st.integers(1, 5),
    count=st.integers(1, 12),
)
@example(
    faults=[fakes.server_error_before_commit] * 4 + [None, None, fakes.fewer_elements],
    read_faults=[],
    pauses=[100],
    size=4,
    count=5,
)
def test_every_row_is_booked_once(faults, read_faults, pauses, size, count):
    bench = Bench(batch_size=size)
    held, gone = bench.client.add(Name="held"), bench.client.add(Name="gone")
    operations = [insert(seq) for seq in range(count)]
    operations += [update(count, held, FirstName="New"), archive(count + 1, gone)]
    bench.client.faults, bench.client.read_faults = list(faults), list(read_faults)
    for attempt in range(len(faults) + len(read_faults) + 1):
        try:
            bench.resume(operations)
            done = bench.journal.outcomes
            bench.write([operation for operation in operations if operation.seq not in done])
        except (Killed, RetryLater):
            bench.clock.jump(seconds=pauses[attempt % len(pauses)])
    assert {o.status for o in bench.journal.outcomes.values()} == {OutcomeStatus.ACCEPTED}
    assert len(bench.journal.outcomes) == len(operations)
    assert bench.journal.open_intents() == []
    names = sorted(contact["Name"] for contact in bench.client.contacts.values())
    assert names == sorted(["gone", "held", *(f"N{seq}" for seq in range(count))])
    for seq in range(count):
        assert bench.client.contacts[bench.journal.outcomes[seq].remote_id]["Name"] == f"N{seq}"
    assert bench.client.contacts[held]["FirstName"] == "New"
    assert bench.client.contacts[gone]["ContactStatus"] == "ARCHIVED"
