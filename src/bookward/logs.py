"""How the log is written: one line for each event, for people or as JSON, to stderr.

Everything logs by Python's own logging, which costs nothing where nobody asks; structlog writes the lines.
What is known of a run stands in each of its lines, and so does what a line says by `extra`.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from typing import Any

import structlog
from structlog.contextvars import bound_contextvars, merge_contextvars
from structlog.stdlib import ExtraAdder, ProcessorFormatter, add_log_level, add_logger_name

from bookward.settings import LogSettings

_ADDRESS = re.compile(r"(\w+://)(?:[^\s/@]*@)?([^\s/?#'\"<>]+)[^\s'\"<>]*")
_OURS = "bookward"


@contextmanager
def written(settings: LogSettings, level: str) -> Iterator[None]:
    """Write the log as the settings say, until the block is left.

    Others than Bookward are only heard when they warn, for they tell of every request.

    Args:
        settings: of the environment.
        level: the least that is logged where they do not say it.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_formatter(settings.format))
    root, ours = logging.getLogger(), logging.getLogger(_OURS)
    before = root.level, ours.level
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    ours.setLevel((settings.level or level).upper())
    try:
        yield
    finally:
        root.removeHandler(handler)
        root.setLevel(before[0])
        ours.setLevel(before[1])


@contextmanager
def bound(**known: str | None) -> Iterator[None]:
    """Let whatever this thread logs within the block say this, too; what is None is left out."""
    with bound_contextvars(**{name: value for name, value in known.items() if value is not None}):
        yield


def _formatter(form: str) -> ProcessorFormatter:
    shared: list[Any] = [
        merge_contextvars,
        add_log_level,
        add_logger_name,
        ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        # Tracebacks as text: local variables hold what nobody may see.
        structlog.processors.format_exc_info,
        _without_addresses,
    ]
    last: list[Any] = [ProcessorFormatter.remove_processors_meta]
    if form == "json":
        last.append(structlog.processors.JSONRenderer(default=str))
    else:
        colors, plain = sys.stderr.isatty(), structlog.dev.plain_traceback
        last.append(structlog.dev.ConsoleRenderer(colors=colors, exception_formatter=plain))
    return ProcessorFormatter(foreign_pre_chain=shared, processors=last)


def _without_addresses(
    _: Any, __: str, event: MutableMapping[str, Any]
) -> Mapping[str, Any] | MutableMapping[str, Any]:
    """Take out of what others say, and of tracebacks, all of an address but its host: it may be a secret."""
    event.pop("message", None)  # left on the record by another handler, whole
    said = ["exception"] if str(event.get("logger", "")).startswith(_OURS) else ["exception", "event"]
    for name in said:
        if name in event:
            event[name] = _ADDRESS.sub(r"\1\2/...", str(event[name]))
    return event
