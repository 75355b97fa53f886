"""The times of a project's syncs: each by its schedule, and while its books are open."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from bookward.project.project import Project
from bookward.records import Problem, SpecProblem
from bookward.schedule import Closed, Timetable, closed

NEVER = "The sync never runs by itself: whenever it is due, the books are closed."


def timetables(project: Project) -> Mapping[str, Timetable]:
    """Return the times of every sync that has a schedule and a destination to write to."""
    tables = {slug: timetable(project, slug) for slug in project.syncs}
    return {slug: table for slug, table in tables.items() if table is not None}


def timetable(project: Project, sync: str) -> Timetable | None:
    """Return the times of one sync, None where it has no schedule or no destination to write to."""
    spec = project.syncs.get(sync)
    if spec is None or spec.schedule is None or spec.destination not in project.destinations:
        return None
    blackouts = project.destinations[spec.destination].blackouts
    return Timetable(sync=sync, schedule=spec.schedule, blackouts=blackouts)


def never_runs(table: Timetable, shut: Closed | None, coming: Sequence[datetime]) -> bool:
    """Say whether a sync never runs by itself, after what keeps it from that now, and its next times."""
    return (shut is not None and shut.until is None) or (table.by_time and not coming)


def never_due(project: Project, now: datetime) -> Iterator[Problem]:
    """Yield a warning for each sync that has a schedule and never runs by it."""
    for slug, table in timetables(project).items():
        if never_runs(table, closed(table.blackouts, now), table.coming(now, 1)):
            file = f"destinations/{project.syncs[slug].destination}.yaml"
            remedy = f"Change the schedule, or `blackouts` in {file}."
            found = SpecProblem(where=("schedule",), message=NEVER, remedy=remedy)
            yield project.locate("syncs", slug, found)
