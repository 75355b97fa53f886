"""Takes secrets out of what is written down, by their place, by their look and by their value."""

from __future__ import annotations

import base64
import binascii
import html
import json
import re
from collections.abc import Iterable, Mapping
from threading import Lock
from urllib.parse import parse_qsl, quote, quote_plus

MASK = "[secret]"

_HEADERS = frozenset({"authorization", "proxy-authorization", "cookie", "set-cookie"})
_NAMES = "access_token|refresh_token|id_token|client_secret|client_assertion|assertion|code_verifier"
_IN_JSON = re.compile(rb'("(?:%s)"\s*:\s*")((?:[^"\\]|\\.)*)' % _NAMES.encode(), re.DOTALL)
_IN_FORM = re.compile(rb"((?:^|[?&])(?:%s|code)=)([^&\s#]*)" % _NAMES.encode())
_FORM_FIELDS = frozenset([*_NAMES.split("|"), "code", "token"])
_JWT = re.compile(rb"eyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]*")
_BEARER = re.compile(rb"(bearer\s+)[\w.~+/-]{20,}=*", re.IGNORECASE)
_SHORTEST = 6  # hiding shorter values wherever they occur would garble everything
_KEPT = 60  # tokens change twice an hour; the old ones are dead


class Redactor:
    """Knows the secrets in use and hides them; may be shared by threads."""

    def __init__(self) -> None:
        self._hidden: tuple[bytes, ...] = ()  # every spelling of every secret, longest first
        self._learnt: dict[str, None] = {}  # in the order of their last use
        self._lock = Lock()

    def learn(self, secrets: Iterable[str | None]) -> None:
        """Hide these values from now on, wherever and in whatever common spelling they occur."""
        given = [value for value in secrets if value and len(value) >= _SHORTEST]
        with self._lock:
            fresh = any(value not in self._learnt for value in given)
            for value in given:
                self._learnt.pop(value, None)
                self._learnt[value] = None
            if fresh:
                self._learnt = dict.fromkeys([*self._learnt][-_KEPT:])
                spellings = {spelling for value in self._learnt for spelling in _spellings(value)}
                self._hidden = tuple(sorted(spellings, key=lambda spelling: (-len(spelling), spelling)))

    def learn_request(self, headers: Mapping[str, str], body: bytes) -> None:
        """Learn the secrets that a request carries."""
        for name, value in headers.items():
            if name.lower() in _HEADERS:
                self.learn(_credentials(value))
            if name.lower() == "content-type" and "form-urlencoded" in value:
                fields = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)
                self.learn(text for field, text in fields if field in _FORM_FIELDS)

    def learn_answer(self, headers: Mapping[str, str], body: bytes) -> None:
        """Learn the secrets that an answer hands out."""
        self.learn(value for name, value in headers.items() if name.lower() == "set-cookie")
        self.learn(_unescaped(match[2]) for match in _IN_JSON.finditer(body))

    def values(self, content: bytes) -> bytes:
        """Return ``content`` without the values that were learnt, otherwise untouched."""
        for secret in self._hidden:
            if secret in content:
                content = content.replace(secret, MASK.encode())
        return content

    def body(self, content: bytes) -> bytes:
        """Return a body without anything that is, or looks like, a secret."""
        content = _IN_JSON.sub(rb"\1" + MASK.encode(), self.values(content))
        content = _IN_FORM.sub(rb"\1" + MASK.encode(), content)
        content = _BEARER.sub(rb"\1" + MASK.encode(), content)
        return _JWT.sub(MASK.encode(), content)

    def text(self, content: str) -> str:
        """Return a URL, a message or a header's value without secrets."""
        return self.body(content.encode("utf-8", "surrogateescape")).decode("utf-8", "replace")

    def headers(self, headers: Mapping[str, str]) -> dict[str, str]:
        """Return headers without secrets; the scheme of an authorization stays."""
        return {
            self.text(name): _scheme(value) if name.lower() in _HEADERS else self.text(value)
            for name, value in headers.items()
        }


def _scheme(value: str) -> str:
    scheme, _, rest = value.partition(" ")
    return f"{scheme} {MASK}" if rest and scheme in ("Basic", "Bearer") else MASK


def _credentials(value: str) -> list[str]:
    """Return the secrets in an Authorization header; the name beside a Basic password is none."""
    scheme, _, given = value.partition(" ")
    if scheme != "Basic":
        return [value, given]
    try:
        _, _, password = base64.b64decode(given).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        password = ""
    return [given, password]


def _unescaped(raw: bytes) -> str:
    try:
        return str(json.loads(b'"' + raw + b'"', strict=False))
    except ValueError:
        return raw.decode("utf-8", "replace")


def _spellings(secret: str) -> set[bytes]:
    """Return how an answer or an error message may write a secret that it echoes."""
    quoted = {quote(secret, safe=""), quote(secret), quote_plus(secret)}
    escaped = {json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]}
    written = {
        secret,
        *quoted,
        *(re.sub("%..", lambda code: code[0].lower(), text) for text in quoted),
        *escaped,
        *(text.replace("/", "\\/") for text in escaped),
        html.escape(secret),
        html.escape(secret, quote=False),
        repr(secret)[1:-1],
        repr(secret.encode())[2:-1],
    }
    return {text.encode() for text in written}
