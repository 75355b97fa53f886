"""Sends batches side by side, and hands their outcomes on as they are known."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from queue import SimpleQueue
from typing import TypeAlias

from bookward.destinations.xero.batching import Batch, Cutter
from bookward.destinations.xero.delivery import Delivery
from bookward.destinations.xero.pages import IN_FLIGHT
from bookward.records import SENDING, Operation, Outcome

Job: TypeAlias = Callable[[], None]
Outbox: TypeAlias = "SimpleQueue[Sequence[Outcome]]"
Stage: TypeAlias = tuple[Iterator[Job], Delivery]
"""Jobs, and the delivery that they use."""


def batches(cutter: Cutter, operations: Iterable[Operation]) -> Iterator[Batch]:
    """Yield the batches of a plan; operations that send nothing are passed over."""
    for operation in operations:
        if operation.kind in SENDING:
            yield from cutter.add(operation)
    yield from cutter.rest()


def side_by_side(stages: Iterable[Stage], outbox: Outbox) -> Iterator[Sequence[Outcome]]:
    """Run the jobs of each stage, a few at a time, and yield what they put into ``outbox``.

    A stage begins when the one before has ended. When a job raises, no new one begins, the others finish
    what they have in flight, all outcomes are yielded, and then the error is raised.
    """
    for jobs, delivery in stages:
        yield from _stage(jobs, delivery, outbox)


def _stage(jobs: Iterator[Job], delivery: Delivery, outbox: Outbox) -> Iterator[Sequence[Outcome]]:
    running: set[Future[None]] = set()
    error: BaseException | None = None
    with ThreadPoolExecutor(IN_FLIGHT, thread_name_prefix="xero") as pool:
        try:
            while error is None and (job := next(jobs, None)) is not None:
                running.add(pool.submit(job))
                if len(running) >= (1 if delivery.size.learning else IN_FLIGHT):
                    running, error = _harvest(running)
                yield from _emptied(outbox)
            while running:
                if error is not None:
                    delivery.stopped.set()
                running, other = _harvest(running)
                error = error or other
                yield from _emptied(outbox)
        except BaseException:
            # A person wants to stop: what is in doubt stays open, and the next run settles it.
            delivery.post.pauses.end()
            raise
        finally:
            # Also when the reader of the outcomes gives up: nothing new leaves while the pool winds down.
            delivery.stopped.set()
    if error is not None:
        raise error


def _harvest(running: set[Future[None]]) -> tuple[set[Future[None]], BaseException | None]:
    done, still = wait(running, return_when=FIRST_COMPLETED)
    errors = [error for future in done if (error := future.exception()) is not None]
    return still, errors[0] if errors else None


def _emptied(outbox: Outbox) -> Iterator[Sequence[Outcome]]:
    while not outbox.empty():
        yield outbox.get()
