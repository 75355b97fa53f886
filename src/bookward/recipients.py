"""Who is told of what, and from where on, as a project's files have it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bookward.alerts.telling import Recipient
from bookward.project.project import Project
from bookward.spec.triggers import DEFAULTS, Triggers
from bookward.standings import Subject

_ALL = tuple(Triggers.model_fields)


def triggers_of(project: Project, sync: str = "", *, destination: str = "") -> Triggers:
    """Return the triggers of a sync or a destination, all of them set: what the nearest file says counts."""
    files = []
    if spec := project.syncs.get(sync):
        files.append(spec.triggers)
        destination = spec.destination
    if books := project.destinations.get(destination):
        files.append(books.triggers)
    if project.spec:
        files.append(project.spec.triggers)
    files.append(DEFAULTS)
    said = {name: [getattr(file, name) for file in files] for name in _ALL}
    return Triggers(**{name: next(filter(None, values)) for name, values in said.items()})


def recipients(project: Project, subject: Subject) -> list[Recipient]:
    """Return who is told of a subject, and which syncs it concerns.

    Of an alert that nobody gets, the others are told: those of the whole project, or else all that there are.
    """
    whole = project.spec.alerts if project.spec else []
    syncs = tuple(sorted(_concerned(project, subject)))
    if subject.kind == "alerts":
        others = [slug for slug in whole if slug != subject.slug] or [*project.alerts]
        slugs = [slug for slug in others if slug != subject.slug]
    else:
        slugs = [*whole, *_books(project, subject, syncs)]
        slugs += [slug for sync in syncs for slug in project.syncs[sync].alerts]
    return [
        Recipient(slug=slug, spec=project.alerts[slug], concerns=syncs if subject.kind != "syncs" else ())
        for slug in dict.fromkeys(slugs)
        if slug in project.alerts
    ]


def named(project: Project) -> set[str]:
    """Return the slugs of all alerts that somebody names."""
    sayers = [*project.destinations.values(), *project.syncs.values()]
    whole = project.spec.alerts if project.spec else []
    return {*whole, *(slug for spec in sayers for slug in spec.alerts)}


def is_there(project: Project, subject: Subject) -> bool:
    """Return whether the file that a subject stands for is there, a broken one too."""
    known: Mapping[str, object] = getattr(project, subject.kind, {})
    return subject.slug in known or (subject.kind, subject.slug) in project.documents


def _concerned(project: Project, subject: Subject) -> Iterator[str]:
    for slug, spec in project.syncs.items():
        model = project.models.get(spec.model)
        named_by = {
            "syncs": slug,
            "destinations": spec.destination,
            "sources": model.source if model else "",
        }
        if named_by.get(subject.kind) == subject.slug:
            yield slug


def _books(project: Project, subject: Subject, syncs: tuple[str, ...]) -> Iterator[str]:
    """Yield the alerts of the destinations that are concerned."""
    slugs = [subject.slug] if subject.kind == "destinations" else []
    for slug in dict.fromkeys([*slugs, *(project.syncs[sync].destination for sync in syncs)]):
        if books := project.destinations.get(slug):
            yield from books.alerts
