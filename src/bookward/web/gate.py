"""What holds for every request before any route sees it, and the headers of every answer."""

from __future__ import annotations

import logging
from collections.abc import Collection
from ipaddress import ip_address
from time import monotonic

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bookward.errors import BookwardError, CrossSite, HostRefused, RequestInvalid, RequestTooLarge
from bookward.web.problems import fault, refusal

LARGEST = 4 * 1024 * 1024
"""The most bytes that a request's body may have; a project's file is far below."""

_LOG = logging.getLogger(__name__)
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def content_security_policy(nonce: str | None = None) -> str:
    """Return what a page may load: its own files, and the styles that its scripts write under the nonce.

    Editors and lists place their lines by style attributes, which can load nothing and run nothing.
    """
    styles = f" 'nonce-{nonce}'; style-src-attr 'unsafe-inline'" if nonce else ""
    return (
        f"default-src 'none'; script-src 'self'; style-src 'self'{styles}; img-src 'self' data:; "
        "font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )


_HEADERS = {
    "Content-Security-Policy": content_security_policy(),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",  # a link's secret must not travel on
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
}


class Gate:
    """The outermost layer: refuses what no route should see, and gives every answer its headers."""

    def __init__(self, app: ASGIApp, hosts: Collection[str], *, secure: bool) -> None:
        """Guard an application.

        Args:
            app: what is guarded.
            hosts: names under which the server may be asked, without ports; "*" for any.
            secure: people reach it by HTTPS only.
        """
        self._app = app
        self._hosts = frozenset(host.casefold() for host in hosts)
        self._headers = _HEADERS | ({"Strict-Transport-Security": "max-age=31536000"} if secure else {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun, state = False, scope.setdefault("state", {})
        since, status = monotonic(), 0

        async def sends(message: Message) -> None:
            nonlocal begun, status
            if message["type"] == "http.response.start":
                begun, status = True, message["status"]
                headers = MutableHeaders(scope=message)
                for name, value in {**self._headers, **state.get("rate_headers", {})}.items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            self._require_good(scope)
            await self._app(scope, _limited(receive), sends)
        except BookwardError as error:
            if begun:
                raise
            await refusal(error)(scope, receive, sends)
        except Exception as error:
            if begun:
                raise
            await fault(error)(scope, receive, sends)
        finally:
            _log(scope, status, monotonic() - since)

    def _require_good(self, scope: Scope) -> None:
        headers = Headers(scope=scope)
        host = _name_of(headers.get("host", ""))
        if "*" not in self._hosts and host not in self._hosts:
            raise HostRefused(f"This server is not known as {host!r}.")
        if scope["method"] not in _SAFE and headers.get("sec-fetch-site") in {"cross-site", "same-site"}:
            raise CrossSite("The request comes from another site.")
        if (
            "\0" in scope["path"] or b"%00" in scope["query_string"]
        ):  # no name has it, and databases choke on it
            raise RequestInvalid("The address holds a null byte.")
        length = headers.get("content-length", "0")
        if not length.isdecimal() or int(length) > LARGEST:
            raise _too_large()


def _log(scope: Scope, status: int, seconds: float) -> None:
    """Say what was asked, by its route: addresses hold names, and some of them what nobody else may know."""
    if _LOG.isEnabledFor(logging.DEBUG):
        route = getattr(scope.get("route"), "path", "")
        about = {"method": scope["method"], "route": route, "status": status, "ms": round(seconds * 1000, 1)}
        _LOG.debug("Answered.", extra=about)


def _limited(receive: Receive) -> Receive:
    """Return what receives a body, and refuses to go on once it is too large, whatever its length said."""
    seen = 0

    async def receives() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > LARGEST:
            raise HTTPException(413)  # the framework lets nothing else through where it reads a body
        return message

    return receives


def _too_large() -> RequestTooLarge:
    return RequestTooLarge(f"A request's body has at most {LARGEST // 1024 // 1024} MB.")


def _name_of(host: str) -> str:
    """Return the host of a Host header, without its port."""
    name = host.rpartition(":")[0] if host.rpartition(":")[2].isdecimal() and ":" in host else host
    return name.removeprefix("[").removesuffix("]").casefold()


def hosts_of(bound: str, more: Collection[str]) -> frozenset[str]:
    """Return the names of a server: those of the machine itself, what it is bound to, and those given."""
    names = {"localhost", "127.0.0.1", "::1", *more}
    try:
        unspecified = ip_address(bound).is_unspecified
    except ValueError:
        unspecified = False
    return frozenset(names if unspecified else {*names, bound})
