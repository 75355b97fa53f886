"""What whoever sent a request to the server puts right in it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bookward.errors.base import RequestRefused


class RequestInvalid(RequestRefused):
    """The request is not what the route takes. ``problems`` are all of them, each with its place."""

    code = "request_invalid"
    remedy = "Put right what the problems name; /api/openapi.json says what the route takes."

    def __init__(self, message: str, *, problems: Sequence[Any] = (), remedy: str | None = None) -> None:
        super().__init__(message, remedy=remedy)
        self.problems = tuple(problems)


class RouteUnknown(RequestRefused):
    """There is no such address."""

    code = "route_unknown"
    remedy = "/api/openapi.json lists all addresses."


class MethodRefused(RequestRefused):
    """The address is there, and does not take this method."""

    code = "method_refused"
    remedy = "The header Allow of the answer lists the methods."


class RequestTooLarge(RequestRefused):
    """The request's body is larger than the server takes."""

    code = "request_too_large"
    remedy = "Send less in one request."


class HostRefused(RequestRefused):
    """The request names a host that is none of the server's own."""

    code = "host_refused"
    remedy = "Use the server's own address, or start it with `bookward serve --host-name NAME`."


class SignInNeeded(RequestRefused):
    """The request carries no sign-in that holds: none, one that has ended, or one that was revoked."""

    code = "sign_in_needed"
    remedy = "Sign in, or send a token: `Authorization: Bearer TOKEN`."


class SignInRefused(RequestRefused):
    """E-mail and password do not belong together, or the person may not sign in."""

    code = "sign_in_refused"
    remedy = "Check both; an admin can send a link that sets a new password."


class RoleTooLow(RequestRefused):
    """Whoever is signed in may not do this."""

    code = "role_too_low"
    remedy = "Ask an admin for the role that the message names."


class SessionNeeded(RequestRefused):
    """Only somebody who is signed in in a browser may do this, no token."""

    code = "session_needed"
    remedy = "Sign in to do it."


class CrossSite(RequestRefused):
    """A request with the session's cookie lacks the session's token, or comes from another site."""

    code = "cross_site"
    remedy = "Send the `csrf` of GET /api/v1/session as the header X-CSRF-Token."


class LinkDead(RequestRefused):
    """The link was used already, its time is over, or it never was one."""

    code = "link_dead"
    remedy = "Ask an admin for a new one, or run `bookward user reset EMAIL` where the server runs."


class ReturnRefused(RequestRefused):
    """A browser came back from another site, and it was not sent there, or not by this way any more."""

    code = "return_refused"
    remedy = "Begin again, and stay in one browser; it has ten minutes."


class PasswordWeak(RequestRefused):
    """The password is too easy to guess."""

    code = "password_weak"
    remedy = "Choose one of 12 characters or more that is neither your e-mail nor one character repeated."


class PersonKnown(RequestRefused):
    """There is a person with this e-mail already."""

    code = "person_known"
    remedy = "Change that one, or use another e-mail."


class LastAdmin(RequestRefused):
    """Without this one nobody could administer any more."""

    code = "last_admin"
    remedy = "Make somebody else an admin first."


class VersionNeeded(RequestRefused):
    """The request would change a file and does not say which version of it was seen."""

    code = "version_needed"
    remedy = "Send the ETag of the answer to GET as the header If-Match."


class KeyReused(RequestRefused):
    """The idempotency key was sent before with another request."""

    code = "key_reused"
    remedy = "Use a new key for every new request."


class RequestUnfinished(RequestRefused):
    """A request with this idempotency key was begun, and has no answer yet or lost it."""

    code = "request_unfinished"
    remedy = "Ask again in a moment; if it stays so, look whether it was done, and use a new key if not."
