"""A mapping proposed for a model, for a person to correct: from its columns and the fields of an object."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bookward.destinations.base import ObjectType, destination_classes
from bookward.engine.lookedup import by_values
from bookward.engine.suggested_yaml import sync_file
from bookward.engine.suggesting import Column, Suggestion, Target, of_lines, suggest
from bookward.errors import NameUnknown
from bookward.model import Preview
from bookward.nearest import choose_from
from bookward.spec.model import LINES, ModelSpec
from bookward.spec.sync import mode_to_say
from bookward.wiring import Wiring, invalid

_ROWS = 100  # looked at for the length of texts


@dataclass(frozen=True, slots=True, kw_only=True)
class SuggestedSync:
    """A proposed sync."""

    model: str
    destination: str
    object: str
    mode: str
    suggestion: Suggestion
    yaml: str  #: the same as the file of a sync, with why beside each field


def suggested_sync(wiring: Wiring, model: str, object_: str, destination: str | None) -> SuggestedSync:
    """Return a proposal; reads the first rows of the model and asks nothing of the destination.

    Raises:
        NameUnknown: there is no such model, object or destination, or none is named and there are several.
        ProjectInvalid, ModelRefused, SourceUnreachable, SourceFailed: the model cannot be read.
    """
    spec: ModelSpec = wiring.named("models", model)
    slug = destination or _only_destination(wiring)
    kind = destination_classes()[wiring.named("destinations", slug).type]
    if object_ not in kind.objects:
        raise NameUnknown(f"There is no object {object_!r}.", remedy=choose_from(object_, kind.objects))
    key = spec.primary_key
    type_ = kind.object_named(object_)
    target = _target(type_)
    preview = wiring.model(model).preview(_ROWS)
    columns = _columns(preview)
    found = suggest(
        target,
        [column for column in columns if column.name not in spec.own_columns],
        key,
        [column for column in columns if spec.lines and column.name in spec.lines.columns],
    )
    values = {name: [row.get(name) for row in preview.rows] for name, _ in preview.columns}
    found = by_values(target, found, values)
    head = {"model": model, "destination": slug, "object": object_}
    if mode := mode_to_say(type_.modes):
        head["mode"] = mode
    return SuggestedSync(
        model=model,
        destination=slug,
        object=object_,
        mode=type_.modes[0],
        suggestion=found,
        yaml=sync_file(head, LINES, found),
    )


def with_lines_told(preview: Preview) -> Preview:
    """Return a preview that says which of its columns say something of a line, at whatever destination."""
    columns = _columns(preview)
    kinds = [kind.object_named(name) for kind in destination_classes().values() for name in kind.objects]
    found = {each.name for kind in kinds for each in of_lines(_target(kind), columns)}
    return replace(preview, of_lines=frozenset(found))


def _target(kind: ObjectType) -> Target:
    return Target(
        name=kind.name,
        fields=kind.fields,
        match_fields=kind.match_fields,
        also_called=kind.also_called,
        named_once=kind.named_once,
        summed=kind.summed,
    )


def _only_destination(wiring: Wiring) -> str:
    slugs = sorted(wiring.project.destinations)
    if len(slugs) == 1:
        return slugs[0]
    if not slugs and (faulty := [p for p in wiring.project.problems if p.path.startswith("destinations/")]):
        raise invalid(faulty)
    listed = f"The project has {', '.join(slugs)}" if slugs else "The project has none"
    raise NameUnknown(f"It is not clear which destination is meant. {listed}.", remedy="Name it.")


def _columns(preview: Preview) -> Sequence[Column]:
    return [_column(name, type_, [row.get(name) for row in preview.rows]) for name, type_ in preview.columns]


def _column(name: str, type_: str, values: Sequence[object]) -> Column:
    longest = max((len(value) for value in values if isinstance(value, str)), default=0)
    seen = frozenset(str(value) for value in values if value is not None)
    return Column(name=name, type=type_, longest=longest, seen=seen)
