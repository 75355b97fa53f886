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
