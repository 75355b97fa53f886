"""Who did what, when, and what it was before and after.

An entry about the state is written in the transaction that changes it. About anything else (files, what a
source is asked) it is written before, as "begun", and says afterwards how it ended: one that stays "begun"
belongs to a process that died meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from bookward.access.caller import Caller
from bookward.clock import Clock
from bookward.errors import BookwardError
from bookward.store.access_tables import audit_entries
from bookward.store.database import Database

DONE, BEGUN = "done", "begun"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of the audit log."""

    number: int
    at: datetime
    person: str | None  #: id
    who: str  #: the e-mail at that time
    via: str
    address: str
    action: str  #: "person.change", "file.replace" ...
    target: str  #: "people/ID", "syncs/SLUG" ...
    before: Any
    after: Any
    outcome: str  #: "done", "begun", or the code of the error

    def about(self, emails: Mapping[str, str]) -> str:
        """Return what people call the target, given the e-mail of everybody by id."""
        kind, _, name = self.target.partition("/")
        shown = self.after or self.before or {}
        match kind:
            case "people":
                return emails.get(name, name)
            case "links":
                return shown.get("email") or "the first admin"
            case "tokens":
                return shown.get("name") or name
        return name or kind


class Audit:
    """Writes the audit log, and reads it. Nothing in it is ever changed but how something ended."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def write(
        self,
        connection: Connection,
        caller: Caller,
        action: str,
        target: str,
        *,
        before: Mapping[str, Any] | None = None,
        after: Mapping[str, Any] | None = None,
        outcome: str = DONE,
    ) -> int:
        """Write down what is done in a transaction, as a part of it; return the entry's number."""
        line = insert(audit_entries).values(
            at=self._clock.now(),
            person=caller.id,
            who=caller.email,
            via=caller.via,
            address=caller.address,
            action=action,
            target=target,
            before=before,
            after=after,
            outcome=outcome,
        )
        key = connection.execute(line).inserted_primary_key
        assert key is not None
        number: int = key[0]
        return number

    @contextmanager
    def around(
        self, caller: Caller, action: str, target: str, before: Mapping[str, Any] | None = None
    ) -> Iterator[dict[str, Any]]:
        """Write down what the block does, before it begins; fill what is yielded with how it was after."""
        with self._database.writing() as connection:
            number = self.write(connection, caller, action, target, before=before, outcome=BEGUN)
        after: dict[str, Any] = {}
        try:
            yield after
        except BookwardError as error:
            self._end(number, error.code, after)
            raise
        except BaseException:
            self._end(number, "fault", after)
            raise
        self._end(number, DONE, after)

    def page(
        self, before: int | None, limit: int, *, target: str = "", action: str = "", who: str = ""
    ) -> Sequence[Entry]:
        """Return entries, the newest first.

        Args:
            before: only those with a lower number; None for all.
            limit: at most so many.
            target: only those whose target is this, or begins with it and a slash.
            action: only those whose action begins with this.
            who: only those of this e-mail.
        """
        query = select(audit_entries).order_by(audit_entries.c.number.desc()).limit(limit)
        if before is not None:
            query = query.where(audit_entries.c.number < before)
        if target:
            inside = audit_entries.c.target.startswith(f"{target}/", autoescape=True)
            query = query.where((audit_entries.c.target == target) | inside)
        if action:
            query = query.where(audit_entries.c.action.startswith(action, autoescape=True))
        if who:
            query = query.where(audit_entries.c.who == who)
        with self._database.reading() as connection:
            return [Entry(**line) for line in connection.execute(query).mappings()]

    def _end(self, number: int, outcome: str, after: Mapping[str, Any]) -> None:
        entry = audit_entries.c.number == number
        with self._database.writing() as connection:
            connection.execute(
                update(audit_entries).where(entry).values(outcome=outcome, after=dict(after) or None)
            )
