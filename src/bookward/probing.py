"""Testing the connection of one source or destination, as its file says it now."""

from __future__ import annotations

from collections.abc import Callable, Iterator

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


def _steps(check: Callable[[], Iterator[CheckStep]]) -> tuple[CheckStep, ...]:
    steps: list[CheckStep] = []
    try:
        for step in check():
            steps.append(step)  # noqa: PERF402  # those before an error are kept
    except BookwardError as error:
        steps.append(CheckStep(name="open", ok=False, detail=error.message, remedy=error.remedy))
    return tuple(steps)
