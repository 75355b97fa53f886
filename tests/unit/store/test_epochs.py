from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import replace

import pytest

from bookward.errors import RunOvertaken
from bookward.settings import Settings
from bookward.store.store import Store
from tests.fakes import FakeClock
from tests.unit.store.test_store import NOW, PATIENCE, accepted, intent, operation


def test_an_overtaken_process_writes_nothing_more(store: Store, settings: Settings) -> None:
    journal = store.journal("run-1")
    store.runs.begin("run-1", "contacts", NOW, "{}")
    journal.expect([operation(0), operation(1)])
    journal.intend(intent("a", 0))
    store.runs.begin("other-1", "bills", NOW, "{}")
    journal.check()
    with closing(Store(settings, FakeClock())) as other:
        other.runs.begin("run-2", "contacts", NOW, "{}")
        writings: list[Callable[[], object]] = [
            journal.check,
            lambda: journal.intend(intent("b", 1)),
            lambda: journal.settle("a", [accepted(0)], [intent("c", 1)]),
            lambda: journal.record([accepted(1)]),
            lambda: journal.expect([operation(2)]),
            lambda: store.sync("contacts").fold("run-1", "t-1", "snap-1", PATIENCE),
        ]
        for write in writings:
            with pytest.raises(RunOvertaken, match="run-2 is the newest"):
                write()
        left = other.journal("run-1")
        assert [open_.batch for open_ in left.open_intents()] == ["a"]
        assert other.runs.outcome_counts("run-1") == {"pending": 2}
        assert store.sync("contacts").pointer().run is None
        left.settle("a", [accepted(0)])
        other.sync("contacts").fold("run-1", "t-1", "snap-2", PATIENCE)
    assert store.sync("contacts").pointer().snapshot == "snap-2"
    store.journal("other-1").record([accepted(0)])


def test_an_intent_comes_back_with_the_uptime_at_which_it_was_written(store: Store) -> None:
    written = replace(intent("a", 0), uptime=FakeClock().uptime())
    store.journal("run-1").intend(written)
    assert store.journal("run-1").open_intents() == [written]
