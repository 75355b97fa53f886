"""From changes to drafts: mapped, tidied, spooled to disk, with the values they claim."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from bookward.destinations.base import ObjectType
from bookward.engine.changes import ChangeRow
from bookward.engine.mapping import Mapping as FieldMap
from bookward.errors import ConfigError, RowError
from bookward.records import Draft, Payload, Rejection, Row


class Drafter:
    """Maps the rows of one sync, each side under the configuration that it belongs to."""

    def __init__(
        self,
        object_type: ObjectType,
        match_field: str,
        current: FieldMap,
        older: Callable[[int], FieldMap],
        no_removals: Rejection | None = None,
        *,
        full: bool = False,
    ) -> None:
        """Draft with ``current`` for new rows and with ``older(version)`` for the rows of the snapshot.

        Args:
            no_removals: why no row can be taken for removed in this plan, if so.
            full: nothing is taken for sent because it was accepted before.
        """
        self._object_type = object_type
        self._match_field = match_field
        self._current = current
        self._no_removals = no_removals
        self._full = full
        self._older = older

    def draft(self, change: ChangeRow) -> Draft:
        """Return the draft of one change; a row that cannot be mapped is a rejected draft."""
        if change.new is None:
            return Draft(seq=change.seq, key=change.key, change=change.kind, rejection=self._no_removals)
        try:
            return self._mapped(change, change.new)
        except RowError as error:
            return Draft(
                seq=change.seq,
                key=change.key,
                change=change.kind,
                claims=self._match_claims(change.new),
                rejection=Rejection.of(error),
            )

    def _mapped(self, change: ChangeRow, row: Row) -> Draft:
        rendered = self._current.render(row)
        payload, notes = self._object_type.tidy(rendered.payload)
        return Draft(
            seq=change.seq,
            key=change.key,
            change=change.kind,
            payload=payload,
            previous=self._previous(change),
            create_only=rendered.create_only,
            match_value=rendered.match_value,
            claims=self._object_type.claims(
                self._with_match(payload, rendered.match_value), self._match_field
            ),
            notes=(*rendered.notes, *notes),
        )

    def _match_claims(self, row: Row) -> tuple[str, ...]:
        """Return what a row that cannot be mapped claims all the same: the record that it means."""
        match_value = self._current.match_value(row)
        claimed = {self._match_field: match_value}
        return self._object_type.claims(claimed, self._match_field) if match_value else ()

    def _with_match(self, payload: Payload, match_value: str | None) -> Payload:
        # A record's own id is matched and never sent; two rows must not name the same one all the same.
        return {self._match_field: match_value} | payload if match_value else payload

    def _previous(self, change: ChangeRow) -> Payload | None:
        if self._full or change.old is None or change.old_version is None:
            return None
        try:
            rendered = self._older(change.old_version).render(change.old)
            payload = self._object_type.tidy(rendered.payload)[0]
        except (RowError, ConfigError):
            # An old configuration need not fit what is known about the fields today.
            return None
        # Whether the record ever got what is sent on creation only is not known.
        return {name: value for name, value in payload.items() if name not in rendered.create_only}


class Spool:
    """Drafts on disk between two passes over them, so that a million need no memory."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def write(self, parts: Iterable[Sequence[Draft]]) -> None:
        """Keep drafts, part by part."""
        with self._path.open("wb") as file:
            for part in parts:
                pickle.dump(list(part), file, protocol=pickle.HIGHEST_PROTOCOL)

    def read(self) -> Iterator[Sequence[Draft]]:
        """Yield the parts again."""
        with self._path.open("rb") as file:
            while True:
                try:
                    yield pickle.load(file)  # noqa: S301 - written by this very process, in its own folder
                except EOFError:
                    return


def older_maps(
    current_version: int, current: FieldMap, load: Callable[[int], FieldMap]
) -> Callable[[int], FieldMap]:
    """Return a look-up of mappings by configuration version that loads each old one once."""
    known: dict[int, FieldMap] = {current_version: current}

    def look_up(version: int) -> FieldMap:
        if version not in known:
            known[version] = load(version)
        return known[version]

    return look_up
