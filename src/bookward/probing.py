"""Testing the connection of one source or destination, as its file says it now."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

from bookward.checking import Connection
from bookward.errors import BookwardError, NameUnknown
from bookward.records import CheckStep
from bookward.wiring import Wiring


def probe(wiring: Wiring, kind: str, slug: str) -> Connection:
    """Test a connection, step by step; what goes wrong stands in the steps.

    Args:
        wiring: of the project.
        kind: "sources" or "destinations".
        slug: the file's name without its ending.

    Raises:
        NameUnknown: there is none of this name, or none of this kind can be tested.
        ProjectInvalid: its file is broken.
    """
    if kind == "sources":
        steps = _steps(wiring.source(slug).check)
    elif kind == "destinations":
        destination = wiring.destination(slug)
        try:
            steps = _steps(destination.check)
        finally:
            wiring.let_go(destination)
    else:
        raise NameUnknown(f"{kind} cannot be tested.", remedy="Sources and destinations can.")
    return Connection(kind=kind.removesuffix("s"), slug=slug, steps=steps)


def unnamed(connection: Connection) -> Connection:
    """Return the test of something that has no name yet, without the one that it was given for the test."""
    called = re.compile(rf"\b(s|d)(ource|estination) {re.escape(repr(connection.slug))}", re.IGNORECASE)

    def said(text: str) -> str:
        return called.sub(
            lambda found: f"{'The' if found[1].isupper() else 'the'} {found[0].split()[0].lower()}", text
        )

    steps = (replace(step, detail=said(step.detail), remedy=said(step.remedy)) for step in connection.steps)
    return replace(connection, steps=tuple(steps))


def _steps(check: Callable[[], Iterator[CheckStep]]) -> tuple[CheckStep, ...]:
    steps: list[CheckStep] = []
    try:
        for step in check():
            steps.append(step)  # noqa: PERF402  # those before an error are kept
    except BookwardError as error:
        steps.append(CheckStep(name="open", ok=False, detail=error.message, remedy=error.remedy))
    return tuple(steps)
