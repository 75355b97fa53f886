"""What a sync would send for one of the first rows of its model, before it is saved or run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bookward.destinations.base import ObjectType, destination_classes
from bookward.engine.mapping import Mapping as FieldMap
from bookward.errors import RowError
from bookward.records import Payload, Problem, Rejection, Row, SpecProblem
from bookward.sampling import Sample
from bookward.wiring import Wiring


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsal:
    """One row, as a sync would send it."""

    problems: tuple[Problem, ...] = ()  #: while there are any, nothing is sent
    keys: tuple[str, ...] = ()  #: of the rows that there are to choose from
    key: str | None = None  #: of the chosen one; None where the model has no row, or cannot be read yet
    payload: Payload | None = None  #: of a new record; what is looked up stands as it is found
    create_only: frozenset[str] = frozenset()  #: what of it is left out when a record is changed
    match_value: str | None = None
    notes: tuple[str, ...] = ()
    rejection: Rejection | None = None  #: why the row would not be sent


def rehearse(wiring: Wiring, sync: str, key: str | None, problems: Sequence[Problem]) -> Rehearsal:
    """Return how a sync would send one of the first rows of its model.

    Nothing is asked of the destination but its time zone, where a moment becomes a day and it is not known.

    Args:
        wiring: of the project that the sync stands in.
        sync: its name.
        key: of the row; None, or one that is not there, for the first.
        problems: what is wrong with the sync: the rest of it is rehearsed all the same.

    Raises:
        ModelRefused, SourceUnreachable, SourceFailed: the model cannot be read.
        NotConnected: the time zone is needed and nobody has signed in.
    """
    project = wiring.project
    spec = project.syncs.get(sync)
    if spec is None or spec.model not in project.models or spec.destination not in project.destinations:
        return Rehearsal(problems=tuple(problems))
    kind = destination_classes()[project.destinations[spec.destination].type]
    if spec.object not in kind.objects:
        return Rehearsal(problems=tuple(problems))
    sample, object_type = wiring.sample(spec.model), kind.object_named(spec.object)
    destination = wiring.destination(spec.destination)
    try:
        mapping = FieldMap.compile(spec, object_type.fields, destination.zone)
        unknown = [project.locate("syncs", sync, each) for each in _unknown_columns(mapping, sample)]
        known = {column.name for column in sample.columns}
        rows = wiring.sampled(sample, [name for name in mapping.columns if name in known])
        found = Rehearsal(problems=(*problems, *unknown), keys=tuple(rows))
        if not rows or unknown:
            return found
        chosen = found.keys[0] if key is None or key not in rows else key
        return _sent(replace(found, key=chosen), rows[chosen], object_type, mapping)
    finally:
        wiring.let_go(destination)


def _unknown_columns(mapping: FieldMap, sample: Sample) -> Sequence[SpecProblem]:
    columns = sample.columns
    inside = {column.name: [part.name for part in column.inside] for column in columns if column.inside}
    known, found = mapping.problems(), mapping.problems([column.name for column in columns], inside)
    return [each for each in found if each not in known]


def _sent(found: Rehearsal, row: Row | Rejection, object_type: ObjectType, mapping: FieldMap) -> Rehearsal:
    if isinstance(row, Rejection):
        return replace(found, rejection=row)
    try:
        rendered = mapping.sketch(row)
        payload, notes = object_type.tidy(rendered.payload)
    except RowError as error:
        return replace(found, rejection=Rejection.of(error))
    return replace(
        found,
        payload=payload,
        create_only=rendered.create_only,
        match_value=rendered.match_value,
        notes=(*rendered.notes, *notes),
    )


def objects_of(wiring: Wiring, destination: str) -> Sequence[ObjectType]:
    """Return the objects that can be written to a destination, by what its file says.

    Raises:
        NameUnknown, ProjectInvalid: there is no such destination, or its file is broken.
    """
    kind = destination_classes()[wiring.named("destinations", destination).type]
    return [kind.object_named(name) for name in kind.objects]
