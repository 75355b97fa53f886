"""``/connections``: which organisations a sign-in reaches. Source: Xero, Tenants."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime

from bookward.demo.xero.answers import Answer, Refused, empty_answer, json_answer, not_found
from bookward.demo.xero.envelope import Element
from bookward.demo.xero.exchange import Admission, Incoming
from bookward.demo.xero.faults import Fault
from bookward.demo.xero.sessions import session_of
from bookward.demo.xero.world import World


class Connections:
    """Lists connections and ends one."""

    def __init__(self, world: World) -> None:
        self._world = world

    def admit(self, incoming: Incoming) -> Admission:
        return Admission(session=session_of(self._world, incoming))

    def handle(self, incoming: Incoming, admission: Admission, fault: Fault | None) -> Answer:
        assert admission.session is not None
        app, id_ = admission.session.app.id, incoming.params.get("id")
        with self._world.storage.transaction() as db:
            if incoming.method == "DELETE" and id_:
                return _ended(db, app, id_)
            if incoming.method != "GET" or id_:
                raise Refused(empty_answer(405))
            return json_answer(self._listed(db, app, incoming.query.get("autheventid")))

    def _listed(self, db: sqlite3.Connection, app: str, event: str | None) -> list[Element]:
        rows = db.execute("SELECT * FROM connections WHERE app = ? ORDER BY created, id", (app,))
        return [self._shown(row) for row in rows if event is None or row["event"].lower() == event.lower()]

    def _shown(self, row: sqlite3.Row) -> Element:
        company = self._world.options.company(row["tenant"])
        return {
            "id": row["id"],
            "authEventId": row["event"],
            "tenantId": row["tenant"],
            "tenantType": "ORGANISATION",
            "tenantName": company.name if company else "",
            "createdDateUtc": _stamp(row["created"]),
            "updatedDateUtc": _stamp(row["updated"]),
        }


def _ended(db: sqlite3.Connection, app: str, id_: str) -> Answer:
    ended = db.execute("DELETE FROM connections WHERE app = ? AND id = ?", (app, id_.lower())).rowcount
    if not ended:
        raise not_found()
    return empty_answer(204)


def _stamp(milliseconds: int) -> str:
    """Return a time with seven digits of seconds and no zone, as this endpoint has it."""
    moment = datetime.fromtimestamp(milliseconds / 1000, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond:06}0"
