"""What the exit code of a command means."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import IntEnum

from bookward.errors import BookwardError, NameUnknown, RetryLater


class ExitCode(IntEnum):
    """The exit codes of all verbs; they are part of the interface and do not change."""

    OK = 0
    FAILED = 1
    USAGE = 2
    REJECTED = 3
    UNSETTLED = 4
    STOPPED = 130  # 128 + SIGINT, as shells say it
    PIPE_CLOSED = 141  # 128 + SIGPIPE


MEANINGS: Mapping[ExitCode, str] = {
    ExitCode.OK: "all well",
    ExitCode.FAILED: "the run or the check failed",
    ExitCode.USAGE: "wrong usage, or there is nothing of that name",
    ExitCode.REJECTED: "some rows were rejected; the others went through",
    ExitCode.UNSETTLED: "paused, parked or uncertain: run again, or look at the rows",
    ExitCode.STOPPED: "stopped by hand (Ctrl-C); the next run settles what was sent",
    ExitCode.PIPE_CLOSED: "whoever read the output closed it early",
}

_WORST_FIRST = (
    ExitCode.FAILED,
    ExitCode.USAGE,
    ExitCode.UNSETTLED,
    ExitCode.REJECTED,
    ExitCode.OK,
)


_OPEN = ("uncertain", "pending", "parked", "deferred")


def worst(codes: Iterable[ExitCode]) -> ExitCode:
    """Return the code that stands for several results: 1, then 2, 4, 3, and 0 when there is none."""
    return min(codes, key=_WORST_FIRST.index, default=ExitCode.OK)


def code_of(error: BookwardError) -> ExitCode:
    """Return the exit code of a command that ended with ``error``."""
    if isinstance(error, NameUnknown):
        return ExitCode.USAGE
    return ExitCode.UNSETTLED if isinstance(error, RetryLater) else ExitCode.FAILED


def code_of_run(state: str, counts: Mapping[str, int]) -> ExitCode:
    """Return the exit code of a run.

    Args:
        state: how it ended, by the word of the history.
        counts: its rows by outcome, each as ``rows_<outcome>``.
    """
    if state == "failed":
        return ExitCode.FAILED
    if state != "done" or any(counts.get(f"rows_{status}") for status in _OPEN):
        return ExitCode.UNSETTLED
    return ExitCode.REJECTED if counts.get("rows_rejected") else ExitCode.OK
