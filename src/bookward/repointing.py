"""Models of one source moved to another, with their queries in its words."""

from __future__ import annotations

from collections.abc import Sequence

from bookward.checking import problems_around
from bookward.errors import EditRefused, ModelRefused
from bookward.objectfiles import ObjectFiles
from bookward.project.folder import Instead
from bookward.project.writing import editing_lock, write_files
from bookward.records import Problem
from bookward.sources.base import source_classes
from bookward.sources.translating import translated
from bookward.wiring import Wiring, headline


def repoint(wiring: Wiring, old: str, new: str) -> Sequence[str]:
    """Let every model of one source read from another; return the slugs of those models.

    All files are written or none. What is known of a sync hangs on its name and on the primary key of its
    model, which stay: its next plan compares what the new source gives with what was accepted.

    Raises:
        NameUnknown: there is no such source.
        ProjectInvalid: the file of one of the sources is wrong.
        ModelRefused: a query has no translation; the message names its model.
        EditRefused: the sources are one, nothing can be read from the new one, or a model would be wrong.
        ProjectReadOnly: a file cannot be written.
    """
    read, write = _dialect(wiring, old), _dialect(wiring, new)
    _require_alive(wiring, old, new)
    root, state = wiring.root, wiring.settings.state
    with editing_lock(root, state), wiring.steady():
        models = sorted(slug for slug, spec in wiring.project.models.items() if spec.source == old)
        changes: dict[str, bytes | None] = {}
        for slug in models:
            changes |= _moved(wiring, slug, new, read, write)
        _refuse_wrong(wiring, models, changes)
        if changes:
            write_files(root, state, changes)
            wiring.look_anew()
    return models


def _dialect(wiring: Wiring, slug: str) -> str:
    return source_classes()[wiring.named("sources", slug).type].dialect


def _require_alive(wiring: Wiring, old: str, new: str) -> None:
    if old == new:
        raise EditRefused(
            f"The models of {old!r} read from it already.",
            remedy="Name the source that they shall read from.",
        )
    if said := wiring.named("sources", new).retired:
        raise EditRefused(f"Source {new!r}: {said}", remedy="Name one that answers.")


def _moved(wiring: Wiring, slug: str, new: str, read: str, write: str) -> Instead:
    document = wiring.project.documents["models", slug]
    values = {**document.root.plain(), "source": new}
    query = wiring.project.models[slug].sql
    if query is not None:
        try:
            values["sql"] = translated(query, read, write)
        except ModelRefused as error:
            raise ModelRefused(f"Model {slug!r}: {error.message}", remedy=error.remedy) from error
    return ObjectFiles.find(wiring.root, "models", slug).with_values(values)


def _refuse_wrong(wiring: Wiring, models: Sequence[str], changes: Instead) -> None:
    before = _problems(wiring, models)
    supposed = wiring.supposing(changes, {})
    with supposed.steady():
        wrong = [problem for problem in _problems(supposed, models) if problem not in before]
    if wrong:
        said, remedy = headline(wrong)
        raise EditRefused(said, problems=wrong, remedy=remedy)


def _problems(wiring: Wiring, models: Sequence[str]) -> list[Problem]:
    return [problem for slug in models for problem in problems_around(wiring, "models", slug)]
