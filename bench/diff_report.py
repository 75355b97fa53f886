"""What the rounds of the re-check say: which of them count, their table, and the goals."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import results

_CALM = 1.25  # times the best floor that the floors of a round may take
_SLOWEST = 1.5  # times the floor that the join may take
_APART = 0.1  # by which the joins of any two shares of changed rows may differ
_BYTES = 65  # that a row may take in the snapshot
_MEMORY = {10_000_000: 1_500, 50_000_000: 2_200}
"""Most memory of a process, in MB. DuckDB may overshoot a limit of 2 GB by a twentieth, and the interpreter
is beside it."""
_ENOUGH = 3  # clean rounds of each case, for a comparison between them


@dataclass(frozen=True, kw_only=True)
class Round:
    """A diff between two floors, each as a process told it."""

    floors: tuple[Mapping[str, Any], Mapping[str, Any]]
    compared: Mapping[str, Any]

    def ratio(self, unit: str) -> float:
        """Return how many times its floors the join took, in seconds ("s") or of the processor ("cpu_s")."""
        return float(self.compared[unit] / statistics.mean(floor[unit] for floor in self.floors))


Rounds = Mapping[str, Sequence[Round]]
"""By case."""


def clean(rounds: Rounds) -> dict[str, list[Round]]:
    """Return the rounds that count: nothing else slowed the floors on either side of them."""
    best = min((floor["s"] for found in rounds.values() for r in found for floor in r.floors), default=0.0)
    return {
        case: [r for r in found if max(floor["s"] for floor in r.floors) <= _CALM * best]
        for case, found in rounds.items()
    }


def table(rounds: Rounds) -> str:
    """Return the table of the cases; seconds are of clean rounds, "-" where there is none."""
    head = (
        *("changed", "times the floor", "from", "to", "in CPU time", "best floor s"),
        *("diff s", "writing s", "changes", "peak MB", "clean rounds"),
    )
    return results.table(head, [_line(case, rounds[case], calm) for case, calm in clean(rounds).items()])


def _line(case: str, every: Sequence[Round], calm: Sequence[Round]) -> tuple[str, ...]:
    wall = [r.ratio("s") for r in calm]
    spread = [f"{of(wall):.2f}" if wall else "-" for of in (statistics.median, min, max)]
    seconds = [r.compared["s"] for r in calm]
    return (
        case,
        *spread,
        f"{_processor(every):.2f}",
        f"{min(floor['s'] for r in every for floor in r.floors):.3f}",
        f"{statistics.median(seconds):.3f}" if seconds else "-",
        f"{statistics.median(r.compared['write_s'] for r in calm or every):.3f}",
        f"{every[-1].compared['changes']:,}",
        f"{_peak(every):.0f}",
        f"{len(calm)} of {len(every)}",
    )


def goals(rows: int, rounds: Rounds, bytes_a_row: float) -> dict[str, str]:
    """Return, by its sentence, whether a goal is met."""
    calm = clean(rounds)
    judged = {"the changes found are exactly those made": "met"}  # the processes had failed otherwise
    for case, found in calm.items():
        judged |= _slowness(case, [r.ratio("s") for r in found], _processor(rounds[case]))
    if all(len(found) >= _ENOUGH for found in calm.values()):
        medians = [statistics.median(r.compared["s"] for r in found) for found in calm.values()]
        apart = max(medians) / min(medians) - 1
        judged[f"joins {apart:.0%} apart, at most {_APART:.0%}"] = _met(apart <= _APART)
    if most := _MEMORY.get(rows):
        peak = max(_peak(found) for found in rounds.values())
        judged[f"{peak:,.0f} MB at most, {most:,} allowed"] = _met(peak <= most)
    judged[f"{bytes_a_row:.1f} bytes a row, at most {_BYTES}"] = _met(bytes_a_row <= _BYTES)
    return judged


def _slowness(case: str, wall: Sequence[float], processor: float) -> dict[str, str]:
    if not wall:
        sentence = f"{case}: {processor:.2f} times the floor in CPU time, at most {_SLOWEST}"
        return {sentence: "not judged, no round was clean"}
    ratio = statistics.median(wall)
    return {f"{case}: {ratio:.2f} times the floor, at most {_SLOWEST}": _met(ratio <= _SLOWEST)}


def _processor(rounds: Sequence[Round]) -> float:
    return statistics.median(r.ratio("cpu_s") for r in rounds)


def _peak(rounds: Sequence[Round]) -> float:
    return max(float(r.compared["rss_mb"]) for r in rounds)


def _met(good: bool) -> str:
    return "met" if good else "MISSED"
