"""The tokens in use: from the vault, renewed by one at a time, kept before anything uses them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from threading import Lock

from bookward.destinations.base import Services
from bookward.destinations.xero import oauth
from bookward.destinations.xero.exchange import Answer, Asked
from bookward.destinations.xero.faults import Unavailable, lacks_scope
from bookward.destinations.xero.recording import Recorder
from bookward.destinations.xero.spec import XeroSpec
from bookward.errors import AnswerLost, NotConnected, SignInLost
from bookward.ports import Tokens

_AHEAD = timedelta(seconds=60)
"""So long before they run out tokens are renewed: a request may take half a minute to get there."""


class Session:
    """The sign-in of one destination; may be shared by threads."""

    def __init__(self, name: str, spec: XeroSpec, services: Services, recorder: Recorder) -> None:
        self._name = name
        self._spec = spec
        self._services = services
        self._recorder = recorder
        self._renewing = Lock()

    def stored(self) -> Tokens:
        """Return the tokens as they are kept, whether they still hold or not.

        Raises:
            NotConnected: there was no sign-in yet, or it was made elsewhere than where it would be sent.
        """
        tokens = self.kept()
        if tokens.at != self._spec.stand_in:
            # Whoever may edit the file could otherwise have the sign-in sent to a server of their own.
            # Older releases did not write down where that was.
            where = tokens.at or "Xero itself, or somewhere that was not written down"
            raise NotConnected(
                f"Destination {self._name!r} was connected at {where}, and its file now "
                f"leads to {self._spec.stand_in or 'Xero itself'}: its sign-in is not sent there.",
                remedy=f"Correct `base_url` in its file, or run `bookward connect {self._name}`.",
            )
        return tokens

    def kept(self) -> Tokens:
        """Return the tokens as they are kept, for what sends them nowhere.

        Raises:
            NotConnected: there was no sign-in yet.
        """
        tokens = self._services.vault.load(self._name)
        if tokens is None:
            raise NotConnected(
                f"The destination {self._name!r} is not connected.",
                remedy=f"Run `bookward connect {self._name}`.",
            )
        return tokens

    def tokens(self) -> Tokens:
        """Return tokens that should hold, renewed ahead when they are about to run out.

        Raises:
            NotConnected: as ``stored``.
            SignInLost: Xero refused to renew them.
            Unavailable: Xero could not be asked.
        """
        tokens = self.stored()
        if tokens.expires_at - _AHEAD > self._services.clock.now():
            return tokens
        return self.renew(tokens)

    def signed_in(self, send: Callable[[Tokens], Answer]) -> Answer:
        """Return the answer to what ``send`` sends, sent again with newer tokens where they are refused.

        Raises:
            NotConnected: as ``stored``.
            SignInLost: neither the newest stored tokens nor a refresh are accepted.
            Unavailable: Xero could not be asked to renew them.
        """
        tokens = self.tokens()
        answer = send(tokens)
        if _refused(answer) and (newer := self._newer_than(tokens)):
            tokens = newer
            answer = send(tokens)
        if _refused(answer):
            answer = send(self.renew(tokens))
        if _refused(answer):
            with self._services.vault.refreshing(self._name):
                self._note_lost(self.stored())
            raise SignInLost("Xero does not accept the sign-in any more, even after a refresh.")
        return answer

    def renew(self, refused: Tokens) -> Tokens:
        """Return tokens newer than ``refused``, asking Xero for them unless somebody else just did.

        Raises:
            SignInLost: Xero refused to renew them.
            Unavailable: Xero could not be asked.
        """
        with self._renewing, self._services.vault.refreshing(self._name):
            current = self.stored()
            if current.access_token != refused.access_token:
                return current
            grant = self._renewed(current)
            tokens = replace(
                current,
                access_token=grant.access_token,
                refresh_token=grant.refresh_token or current.refresh_token,
                expires_at=grant.expires_at,
                scope=grant.scope,
                lost_at=None,
            )
            self._services.vault.save(self._name, tokens)
            return tokens

    def _renewed(self, current: Tokens) -> oauth.Grant:
        try:
            return obtain(self._recorder, self._request(current), self._spec, self._services.clock.now())
        except SignInLost:
            self._note_lost(current)
            raise

    def _note_lost(self, tokens: Tokens) -> None:
        """Write down since when the sign-in is refused, for people to see; it is tried again all the same."""
        if tokens.lost_at is None:
            now = self._services.clock.now()
            self._services.vault.save(self._name, replace(tokens, lost_at=now))

    def _newer_than(self, refused: Tokens) -> Tokens | None:
        """Return the tokens that another thread or process has renewed since, if any."""
        tokens = self.stored()
        return tokens if tokens.access_token != refused.access_token else None

    def _request(self, tokens: Tokens) -> Asked:
        if self._spec.grant == "client_credentials":
            return oauth.client_credentials_request(self._spec)
        if tokens.refresh_token is None:
            raise SignInLost(
                "The sign-in has run out and cannot be renewed: it came without a refresh token."
            )
        return oauth.refresh_request(self._spec, tokens.refresh_token)


def _refused(answer: Answer) -> bool:
    return answer.status == 401 and not lacks_scope(answer)


def obtain(recorder: Recorder, asked: Asked, spec: XeroSpec, now: datetime) -> oauth.Grant:
    """Ask the token endpoint.

    Raises:
        SignInLost: Xero refused.
        Unavailable: Xero could not be asked, or its answer was lost: nothing is booked by that, and the old
            refresh token lives on for a while, so it may simply be asked again.
    """
    try:
        answer = recorder.exchange(asked)
        # An error may echo what was sent, and would take it into a message.
        shown = answer if answer.status == 200 else recorder.clean(answer)
        return oauth.read_grant(shown, now, scopes=spec.scopes)
    except AnswerLost as error:
        lost = error.message
    raise Unavailable(lost)
