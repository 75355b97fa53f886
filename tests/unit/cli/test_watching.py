from __future__ import annotations

from datetime import timedelta
from io import StringIO

from rich.console import Console

from bookward.cli.watching import LiveDisplay
from bookward.ports import Progress
from tests.fakes import FakeClock


def shown(display: LiveDisplay, width: int = 80) -> str:
    console = Console(width=width, file=StringIO(), record=True)
    console.print(display.view())
    return " ".join(console.export_text().split())


def display_on(clock: FakeClock) -> LiveDisplay:
    return LiveDisplay(Console(file=StringIO()), "contacts", lambda: clock.now().timestamp(), clock.now)


def test_the_display_tells_phase_counts_and_time() -> None:
    clock = FakeClock()
    display = display_on(clock)
    display.take(Progress(phase="reading", rows_read=120_000))
    clock.jump(seconds=12)
    assert shown(display) == "contacts reading the model 12 s 120,000 read"


def test_the_time_to_go_follows_the_pace_of_sending() -> None:
    clock = FakeClock()
    display = display_on(clock)
    display.take(Progress(phase="reading", rows_read=100))
    clock.jump(hours=1)
    display.take(Progress(phase="sending", to_send=100))
    assert "to go" not in shown(display)
    clock.jump(seconds=10)
    display.take(
        Progress(phase="sending", to_send=100, sent=25, calls=1, rejected=2, minute_left=59, day_left=4999)
    )
    text = shown(display)
    assert "25 of 100 sent 30 s to go" in text
    assert "2 rejected · 1 call · left 59/min 4,999/day" in text


def test_a_wait_is_shown_until_it_is_over() -> None:
    clock = FakeClock()
    display = display_on(clock)
    display.take(Progress(phase="sending", to_send=9, wait_until=clock.now() + timedelta(seconds=30)))
    assert "waiting until" in shown(display)
    clock.jump(seconds=31)
    assert "waiting until" not in shown(display)


def test_on_a_terminal_the_display_is_gone_at_the_end() -> None:
    file = StringIO()
    environ = {"TERM": "xterm"}  # where there is none, or a dumb one, nothing is moved about
    console = Console(file=file, force_terminal=True, width=80, _environ=environ)
    with LiveDisplay(console, "contacts").shown() as on_progress:
        on_progress(Progress(phase="sending", to_send=2, sent=1))
    assert "1 of 2 sent" in file.getvalue()
    assert file.getvalue().endswith("\x1b[2K")
