"""Where output goes: tables and documents to stdout; progress and errors to stderr."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from functools import cached_property
from io import TextIOWrapper
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

import msgspec

from bookward import exactjson

if TYPE_CHECKING:
    from rich.console import Console, RenderableType


class Terminal:
    """The two streams of this process; data never becomes markup on them."""

    def __init__(self) -> None:
        self.color = True
        for stream in (sys.stdout, sys.stderr):
            # A terminal that cannot show a letter must not end a run.
            if isinstance(stream, TextIOWrapper):
                stream.reconfigure(errors="backslashreplace")

    @cached_property
    def out(self) -> Console:
        """The console that shows results."""
        return self._console(stderr=False)

    @cached_property
    def err(self) -> Console:
        """The console that shows progress and errors."""
        return self._console(stderr=True)

    def show(self, *parts: RenderableType) -> None:
        """Show results."""
        for part in parts:
            self.out.print(part)

    def tell(self, *parts: RenderableType) -> None:
        """Show what is not a result: errors, notes, progress."""
        for part in parts:
            self.err.print(part)

    def text(self, text: str) -> None:
        """Write a file's text to stdout as it is, in UTF-8, never wrapped: it is meant to be kept."""
        self._write(text.encode())

    def document(self, value: Mapping[str, Any]) -> None:
        """Write one JSON document to stdout, money exact, always in UTF-8."""
        self._write(msgspec.json.format(exactjson.encode(value), indent=2) + b"\n")

    def stream(self, head: Mapping[str, Any], name: str, items: Iterable[Any]) -> None:
        """Write one JSON document whose last member is a list that need not fit into memory.

        Args:
            head: the other members, one at least.
            name: the name of the list.
            items: its elements; the first is fetched before anything is written, so that an error then
                still leaves stdout empty.
        """
        waiting = iter(items)
        first = list(islice(waiting, 1))
        self._write(exactjson.encode(head)[:-1] + b"," + exactjson.encode(name) + b":[")
        for number, item in enumerate(chain(first, waiting)):
            self._write((b",\n" if number else b"\n") + exactjson.encode(item))
        self._write(b"\n]}\n")

    def _write(self, text: bytes) -> None:
        sys.stdout.flush()
        sys.stdout.buffer.write(text)
        sys.stdout.buffer.flush()

    def _console(self, *, stderr: bool) -> Console:
        from bookward.cli.render.console import PlainConsole

        return PlainConsole(stderr=stderr, color=self.color)


def is_interactive() -> bool:
    """Return whether somebody is there to answer a question."""
    return sys.stdin.isatty()
