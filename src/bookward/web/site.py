"""The web app's files: one page for every address that is not the API's, and what the page is made of."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from mimetypes import guess_type
from pathlib import Path

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

from bookward.web.gate import content_security_policy

BUILT = Path(__file__).parent / "static"
"""Where the package build puts the web app."""

NONCE = "@nonce@"
"""Stands in the page where the server puts a word that changes with every answer."""

_API = ("/api", "/healthz", "/readyz")
_NEVER_CHANGES = {"Cache-Control": "public, max-age=31536000, immutable"}
_NOT_BUILT = """\
Bookward's API is served here, without its web app: this copy comes from a checkout that could not build it.

Install a released wheel, or this checkout anew where npm can get packages. The API: /api/openapi.json
"""
_NOT_THERE = "There is no such file in this version of Bookward."


class Site:
    """Serves the web app beside the API."""

    def __init__(self, api: ASGIApp, built: Path = BUILT) -> None:
        """Serve what was built into the package.

        Args:
            api: gets the requests for the API.
            built: folder of the built web app; where there is none, a text says so.
        """
        self._api = api
        self._assets = StaticFiles(directory=built / "assets", check_dir=False)
        self._packed = frozenset(path.stem for path in (built / "assets").glob("*.br"))
        self._page = _text_of(built / "index.html")
        self._files = _files_beside(built)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path: str = scope.get("path", "")
        if scope["type"] != "http" or path.startswith(_API) or scope["method"] not in {"GET", "HEAD"}:
            await self._api(scope, receive, send)
        else:
            await self._answer(path)(scope, receive, send)

    def _answer(self, path: str) -> ASGIApp:
        if path.startswith("/assets/"):
            return self._asset(path.removeprefix("/assets/"))
        if path in self._files:
            content, kind = self._files[path]
            return Response(content, media_type=kind, headers={"Cache-Control": "no-cache"})
        if self._page is None:
            return PlainTextResponse(_NOT_BUILT, 404 if path != "/" else 200)
        nonce = secrets.token_urlsafe(16)
        headers = {"Content-Security-Policy": content_security_policy(nonce)}
        return Response(self._page.replace(NONCE, nonce), media_type="text/html", headers=headers)

    def _asset(self, name: str) -> ASGIApp:
        async def asset(scope: Scope, receive: Receive, send: Send) -> None:
            packed = _takes_brotli(scope) and name in self._packed
            try:
                answer = await self._assets.get_response(f"{name}.br" if packed else name, scope)
            except HTTPException:  # a page that is still open asks for a part of the version that made it
                await PlainTextResponse(_NOT_THERE, 404)(scope, receive, send)
                return
            answer.headers.update(_NEVER_CHANGES)  # their names hold their digest
            if packed:
                kind = guess_type(name)[0] or "application/octet-stream"
                answer.headers.update({"Content-Type": kind, "Content-Encoding": "br"})
                answer.headers.add_vary_header("Accept-Encoding")
            await answer(scope, receive, send)

        return asset


def _takes_brotli(scope: Scope) -> bool:
    """Say whether a browser takes the copies that the build has compressed; over plain HTTP few do."""
    accepted = Headers(scope=scope).get("accept-encoding", "")
    return "br" in (each.strip() for each in accepted.split(","))


def _text_of(page: Path) -> str | None:
    try:
        return page.read_text()
    except FileNotFoundError:
        return None


def _files_beside(built: Path) -> Mapping[str, tuple[bytes, str]]:
    """Return the few files beside the page by their address: an icon, a script."""
    if not built.is_dir():
        return {}
    files = (path for path in built.iterdir() if path.is_file() and path.suffix in {".js", ".svg", ".md"})
    return {f"/{path.name}": (path.read_bytes(), guess_type(path.name)[0] or "text/plain") for path in files}
