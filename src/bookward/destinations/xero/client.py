"""The one door to the accounting API: signed in, within the limits, every call recorded."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from threading import Lock
from urllib.parse import quote, urlencode

import httpx

from bookward import __version__
from bookward.clock import EvenClock
from bookward.destinations.base import Services
from bookward.destinations.xero.exchange import Answer, Asked
from bookward.destinations.xero.faults import Unavailable, raise_for
from bookward.destinations.xero.limits import Limiter
from bookward.destinations.xero.recording import Recorder
from bookward.destinations.xero.session import Session
from bookward.destinations.xero.spec import XeroSpec, is_meant
from bookward.errors import NotConnected, OrganisationChanged
from bookward.ports import BudgetState, Tokens
from bookward.records import Organisation

__all__ = ["Answer", "Unavailable", "XeroClient"]


class XeroClient:
    """Sends requests to one organisation, the one it is first asked for; may be shared by threads."""

    def __init__(
        self, name: str, spec: XeroSpec, services: Services, transport: httpx.BaseTransport | None = None
    ) -> None:
        self._name = name
        self._spec = spec
        self._services = services
        self._recorder = Recorder(name, spec, services, transport)
        self._session = Session(name, spec, services, self._recorder)
        self._organisation: Organisation | None = None
        self._limiters: dict[str, Limiter] = {}
        self._lock = Lock()

    def request(
        self,
        method: str,
        path: str,
        *,
        purpose: str,
        run: str | None = None,
        params: Mapping[str, str] | None = None,
        body: bytes = b"",
        idempotency_key: str | None = None,
        modified_since: str | None = None,
        rows: int = 0,
        before_leaving: Callable[[], None] = lambda: None,
    ) -> Answer:
        """Send one request and return the answer, which is 2xx or an error that the caller has to judge.

        Waits for the minute's and the concurrency limit by itself, sending the same bytes and the same key
        again where Xero refused for them.

        Args:
            path: below the API's root and not yet percent-encoded, for example ``Contacts``.
            purpose: why the call is made, in a few words, for the log of calls.
            modified_since: moment in UTC as ``YYYY-MM-DDTHH:MM:SS``.
            rows: how many rows the body carries.
            before_leaving: is called when the limits let the request leave, and raises to keep it here.

        Raises:
            NotConnected: there was no sign-in yet.
            OrganisationChanged: the sign-in leads to another organisation by now; nothing was sent.
            SignInLost: neither the newest stored tokens nor a refresh are accepted.
            AccessDenied: signed in, but not allowed.
            RateLimited: the day's limit is reached, or the wait is longer than the patience;
                nothing was booked.
            Unavailable: Xero failed with ``status``, or nothing was sent and ``status`` is None.
            AnswerLost: sent, but no whole answer came back in time.
        """
        tenant = self.tenant()
        headers = _headers(tenant, body, idempotency_key, modified_since)
        limiter = self._limiter(tenant)

        def send(tokens: Tokens) -> Answer:
            self._refuse_other_books(tokens)
            asked = Asked(
                method=method,
                url=self._address(path, params),
                headers={**headers, "Authorization": f"Bearer {tokens.access_token}"},
                body=body,
                purpose=purpose,
                run=run,
                rows=rows,
            )

            def leave() -> Answer:
                before_leaving()
                return self._recorder.exchange(asked)

            return limiter.call(leave)

        answer = self._recorder.clean(self._session.signed_in(send))
        raise_for(answer, purpose, self._services.clock.now())
        return answer

    def tenant(self) -> str:
        """Return the id of the organisation; see ``organisation``."""
        return self.organisation().id

    def organisation(self) -> Organisation:
        """Return the organisation that the sign-in led to when it was first asked for; makes no call.

        Raises:
            NotConnected: there was no sign-in yet, or it leads to another organisation than the file names.
        """
        with self._lock:
            if self._organisation is None:
                self._organisation = self._led_to()
            return self._organisation

    def _led_to(self) -> Organisation:
        stored = self._session.stored()
        if not is_meant(stored.tenant_id, stored.tenant_name, self._spec.organisation):
            raise NotConnected(
                f"Destination {self._name!r} names the organisation {self._spec.organisation!r}, and is "
                f"connected to {stored.tenant_name!r}.",
                remedy=f"Run `bookward connect {self._name}`, or correct `organisation` in its file.",
            )
        return Organisation(id=stored.tenant_id, name=stored.tenant_name)

    def _refuse_other_books(self, tokens: Tokens) -> None:
        """Refuse to go on with what was begun for one organisation once the sign-in leads to another."""
        begun = self.organisation()
        if tokens.tenant_id != begun.id:
            now = Organisation(id=tokens.tenant_id, name=tokens.tenant_name)
            raise OrganisationChanged(
                f"Destination {self._name!r} led to organisation {begun} when this began; "
                f"it now leads to {now}.",
                remedy="Run again for the organisation that it leads to now. Where the sync has records in "
                "the former one, connect that again first.",
            )

    def budget(self) -> BudgetState:
        """Return what is known about the calls left; nothing when there was no sign-in yet."""
        try:
            return self._limiter(self.tenant()).state()
        except NotConnected:
            return BudgetState()

    def close(self) -> None:
        """Close the connections."""
        self._recorder.close()

    def _address(self, path: str, params: Mapping[str, str] | None) -> str:
        address = f"{self._spec.endpoints.api}/{quote(path)}"
        # Commas stay as they are: a query may have 2,048 characters, and lists of ids fill them.
        query = urlencode(params or {}, safe=",", quote_via=quote)
        return f"{address}?{query}" if query else address

    def _limiter(self, tenant: str) -> Limiter:
        with self._lock:
            if tenant not in self._limiters:
                self._limiters[tenant] = Limiter(
                    tenant,
                    self._services.budget,
                    EvenClock(self._services.clock),
                    day_reserve=self._spec.day_reserve,
                    patience=timedelta(seconds=self._spec.patience_seconds),
                )
            return self._limiters[tenant]


def _headers(
    tenant: str, body: bytes, idempotency_key: str | None, modified_since: str | None
) -> dict[str, str]:
    headers = {
        "Accept": "application/json",
        "Accept-Encoding": "gzip",
        "User-Agent": f"bookward/{__version__}",
        "xero-tenant-id": tenant,
    }
    if body:
        headers["Content-Type"] = "application/json"
    if idempotency_key:
        headers["Idempotency-Key"] = idempotency_key
    if modified_since:
        headers["If-Modified-Since"] = modified_since
    return headers
