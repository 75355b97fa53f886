"""Traces by OpenTelemetry: from a schedule's turn to each API call, where the environment asks for them.

Everything here does nothing, and imports nothing, unless ``set_up`` has found the standard variables
(``OTEL_EXPORTER_OTLP_ENDPOINT`` and the others) and the packages. No span holds a value of a row: bodies,
headers, and what stands behind the question mark of an address are left out.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Protocol
from urllib.parse import urlsplit

_LOG = logging.getLogger(__name__)
_ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
_PACKAGES = "Traces are asked for, and OpenTelemetry is not installed. Run: pip install 'bookward[otel]'"


class Span(Protocol):
    """One thing that takes time, and what is known of it."""

    def set(self, **known: str | int | None) -> None:
        """Add attributes; dots in their names are written as two underscores, and None is left out."""

    def fail(self, said: str) -> None:
        """Say that it did not end well."""


class Tracer(Protocol):
    """Makes spans."""

    def span(self, name: str, parent: str | None, kind: str) -> Any: ...
    def here(self) -> str | None: ...
    def begin(self, name: str) -> Any: ...
    def call(self, name: str, ms: float, inside: Any, known: Mapping[str, str | int | None]) -> None: ...
    def close(self) -> None: ...


class _NoSpan:
    def set(self, **known: str | int | None) -> None: ...

    def fail(self, said: str) -> None: ...


NO_SPAN: Span = _NoSpan()
_tracer: Tracer | None = None


def wanted(environ: Mapping[str, str]) -> bool:
    """Return whether the standard variables ask for traces by OTLP."""
    off = environ.get("OTEL_SDK_DISABLED", "").casefold() == "true"
    exporter = environ.get("OTEL_TRACES_EXPORTER", "otlp")
    return not off and exporter == "otlp" and any(environ.get(name) for name in _ENDPOINTS)


def set_up(environ: Mapping[str, str] = os.environ) -> None:
    """Begin to trace this process, if the environment asks for it; once."""
    global _tracer  # noqa: PLW0603  a process has one log and one trace
    if _tracer is not None or not wanted(environ):
        return
    try:
        from bookward.otel import OtelTracer
    except ModuleNotFoundError:
        _LOG.warning(_PACKAGES)
        return
    _tracer = OtelTracer()


def close() -> None:
    """Send what was not sent yet, and trace no more."""
    global _tracer  # noqa: PLW0603
    if _tracer is not None:
        _tracer.close()
        _tracer = None


@contextmanager
def span(name: str, *, parent: str | None = None, kind: str = "internal") -> Iterator[Span]:
    """Trace what the block does; an error that leaves it is the span's.

    Args:
        name: of what is done.
        parent: a ``traceparent`` by which it belongs to what another process did; else to the span around it.
        kind: "internal", "producer", "consumer".
    """
    if _tracer is None:
        yield NO_SPAN
        return
    with _tracer.span(name, parent, kind) as made:
        yield made


def here() -> str | None:
    """Return the ``traceparent`` of the span around this; None where nothing is traced."""
    return _tracer.here() if _tracer is not None else None


class Phases:
    """The phases of one run as spans, one behind the other, and the calls within each; for several threads.

    It is made within the run's own span, and closed within it.
    """

    def __init__(self) -> None:
        self._phase: Any = None

    def begin(self, phase: str) -> None:
        """End the phase before, and begin one."""
        self.close()
        if _tracer is not None:
            self._phase = _tracer.begin(phase)

    def call(self, method: str, url: str, ms: float, **known: str | int | None) -> None:
        """Take note of a call that has just ended.

        Args:
            method: of HTTP.
            url: its address.
            ms: how long it took.
            **known: attributes, as ``Span.set`` takes them.
        """
        if _tracer is None:
            return
        parts = urlsplit(url)
        about = {
            "http__request__method": method,
            "url__full": f"{parts.scheme}://{parts.netloc}{parts.path}",
            "server__address": parts.hostname,
        }
        name = f"{method} {parts.path.rpartition('/')[2]}"
        _tracer.call(name, ms, self._phase, about | known)

    def close(self) -> None:
        """End the last phase."""
        phase, self._phase = self._phase, None
        if phase is not None:
            phase.end()
