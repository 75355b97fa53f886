"""What all of the Accounting API shares: sign-in, scope, organisation, limits, idempotency."""

from __future__ import annotations

import sqlite3

from bookward.demo.xero.answers import Answer, Refused, empty_answer, not_found
from bookward.demo.xero.exchange import Admission, Incoming
from bookward.demo.xero.faults import Fault
from bookward.demo.xero.idempotency import METHODS, fingerprint
from bookward.demo.xero.opening import open_books
from bookward.demo.xero.resources import Resource
from bookward.demo.xero.sessions import check_scope, company_of, session_of
from bookward.demo.xero.world import World


class Accounting:
    """A resource behind everything that every call to it passes."""

    def __init__(self, world: World, resource: Resource) -> None:
        self._world = world
        self._resource = resource

    def admit(self, incoming: Incoming) -> Admission:
        world = self._world
        session = session_of(world, incoming)
        check_scope(world, session, *self._resource.scopes_for(incoming.method))
        company = company_of(world, session, incoming)
        headers = world.limits.enter(session.app.id, company.id, world.clock.now(), world.options)
        return Admission(
            headers=headers,
            session=session,
            company=company,
            leave=lambda: world.limits.leave(session.app.id, company.id),
        )

    def handle(self, incoming: Incoming, admission: Admission, fault: Fault | None) -> Answer:
        key = incoming.headers.get("idempotency-key")
        assert admission.session is not None
        if not key or incoming.method not in METHODS:
            with self._world.storage.transaction() as db:
                return self._served(db, incoming, admission)
        app, url = admission.session.app.id, f"{incoming.path}?{incoming.query_text}"
        tenant = admission.company.id if admission.company else ""
        request = fingerprint(incoming.method, url, tenant, incoming.body)
        now = self._world.clock.now()
        with self._world.storage.transaction() as db:
            if (kept := self._world.idempotency.recall(app, key, request, now)) is not None:
                return kept
            answer = self._served(db, incoming, admission)
            keep = answer if fault is None else fault.remembered(answer)
            if keep is not None:
                self._world.idempotency.remember(app, key, request, now, keep)
            return answer

    def _served(self, db: sqlite3.Connection, incoming: Incoming, admission: Admission) -> Answer:
        serve = self._resource.methods.get(incoming.method)
        if serve is None:
            return empty_answer(501)
        assert admission.session is not None
        assert admission.company is not None
        books = open_books(self._world, db, admission.company, admission.session.app.name)
        try:
            return serve(books, incoming)
        except Refused as refused:
            return refused.answer


class Nowhere:
    """Every path that is not served."""

    def admit(self, incoming: Incoming) -> Admission:
        raise not_found()

    def handle(self, incoming: Incoming, admission: Admission, fault: Fault | None) -> Answer:
        raise not_found()
