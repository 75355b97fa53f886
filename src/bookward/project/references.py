"""References from one file to another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bookward.nearest import did_you_mean
from bookward.project.document import Document
from bookward.project.words import one_of, quoted
from bookward.records import Problem

_REFERENCES = {
    # in files of this kind, this key names a file of that kind
    "models": {"source": "sources"},
    "syncs": {"model": "models", "destination": "destinations"},
}


class Names:
    """Every slug that stands for a file, the broken ones too: what is wrong with those is said elsewhere."""

    def __init__(self, by_kind: Mapping[str, Iterable[str]]) -> None:
        self._by_kind = {kind: frozenset(slugs) for kind, slugs in by_kind.items()}

    def of(self, kind: str) -> frozenset[str]:
        """Return the slugs of one kind."""
        return self._by_kind.get(kind, frozenset())


def dangling(kind: str, document: Document, names: Names) -> list[Problem]:
    """Return one problem per reference of ``document`` that leads nowhere."""
    problems = []
    for key, target in _REFERENCES[kind].items():
        slug = document.text(key)
        known = names.of(target)
        if slug is None or slug in known:
            continue
        said = f"There is no {key} {quoted(slug)}. {did_you_mean(slug, known)}".rstrip()
        remedy = f"Known: {one_of(known)}." if known else f"Add a file to {target}/."
        problems.append(document.problem((key,), said, remedy, document.value_place((key,))))
    return problems


def referring(kind: str, slug: str, documents: Mapping[tuple[str, str], Document]) -> list[tuple[str, str]]:
    """Return kind and slug of every file, broken ones too, that refers to a file."""
    keys = {
        (of, key) for of, targets in _REFERENCES.items() for key, target in targets.items() if target == kind
    }
    return sorted(
        (of, name)
        for (of, name), document in documents.items()
        if any((of, key) in keys and document.text(key) == slug for key in document.members)
    )
