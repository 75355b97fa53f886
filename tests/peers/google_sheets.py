"""Google's sign-in and Sheets as their documentation has them: a spreadsheet, asked by ranges."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from typing import Any
from urllib.parse import parse_qs

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from google.auth import jwt
from google.auth.exceptions import GoogleAuthError

from tests.peers.http import Answer, Asked, Stub

SPREADSHEET, EMAIL, TOKEN = "1aBooks-2026", "bookward@books.iam.gserviceaccount.com", "ya29.sheets-secret"
CLIENT, CLIENT_SECRET, REFRESH = "42.apps.googleusercontent.com", "GOCSPX-secret", "1//refresh-secret"
_AUDIENCE = "https://oauth2.googleapis.com/token"
_RANGE = re.compile(r"(?:'(?P<quoted>(?:[^']|'')*)'|(?P<plain>[^'!]+))(?:!(?P<cells>.+))?")
_CELLS = re.compile(r"([A-Z]+)(\d*)(?::([A-Z]+)(\d*))?")


class Failed(str):
    """A formula that failed, by its kind."""


class GoogleSheets(Stub):
    """One spreadsheet; ``sheets`` has the cells of each sheet, row by row, as long as they are."""

    def __init__(self) -> None:
        super().__init__()
        self.sheets: dict[str, Sequence[Sequence[Any]]] = {}
        key = rsa.generate_private_key(65537, 2048)
        self._private = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ).decode()
        self._public = key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )

    def key(self, **changes: str) -> str:
        """Return the key of the service account, as Google gives it."""
        return json.dumps({
            "type": "service_account", "client_email": EMAIL, "private_key_id": "1",
            "private_key": self._private, "token_uri": f"{self.url}/token", **changes,
        })  # fmt: skip

    def agreed(self, **changes: str) -> str:
        """Return what Google writes for a person who has agreed."""
        return json.dumps({
            "type": "authorized_user", "client_id": CLIENT, "client_secret": CLIENT_SECRET,
            "refresh_token": REFRESH, "token_uri": f"{self.url}/token", **changes,
        })  # fmt: skip

    def answer(self, asked: Asked) -> Answer:
        if asked.path == "/token":
            return self._signed_in(asked)
        if asked.headers.get("authorization") != f"Bearer {TOKEN}":
            return _error(401, "Request had invalid authentication credentials.")
        if asked.path != f"/v4/spreadsheets/{SPREADSHEET}":
            return _error(404, "Requested entity was not found.")
        properties = {"title": "Books"}
        if "includeGridData" not in asked.query:
            sheets = [{"properties": {"title": title}} for title in self.sheets]
            return Answer({"properties": properties, "sheets": sheets})
        cells = self._cells(asked.query["ranges"])
        if cells is None:
            return _error(400, f"Unable to parse range: {asked.query['ranges']}")
        rows = ({"values": [_cell(value) for value in row]} if row else {} for row in cells)
        written = b",\n".join(json.dumps(row).encode() for row in rows)  # all at once they would be large
        row_data = b'"rowData": [%s]' % written if written else b""
        return Answer(b'{"sheets": [{"data": [{%s}]}]}' % row_data)

    def _signed_in(self, asked: Asked) -> Answer:
        given = {name: values[0] for name, values in parse_qs(asked.body.decode()).items()}
        if given["grant_type"] == "refresh_token":
            return self._renewed(given)
        try:
            claims: Mapping[str, Any] = jwt.decode(given["assertion"], certs=self._public, audience=_AUDIENCE)
        except (GoogleAuthError, ValueError):
            return Answer({"error": "invalid_grant", "error_description": "Invalid JWT Signature."}, 400)
        assert claims["scope"].endswith("/auth/spreadsheets.readonly") or "drive" in claims["scope"]
        return Answer({"access_token": TOKEN, "expires_in": 3600, "token_type": "Bearer"})

    def _renewed(self, given: Mapping[str, str]) -> Answer:
        right = {"client_id": CLIENT, "client_secret": CLIENT_SECRET, "refresh_token": REFRESH}
        if given != right | {"grant_type": "refresh_token"}:
            said = "Token has been expired or revoked."
            return Answer({"error": "invalid_grant", "error_description": said}, 400)
        return Answer({"access_token": TOKEN, "expires_in": 3599, "token_type": "Bearer"})

    def _cells(self, range_: str) -> Sequence[Sequence[Any]] | None:
        found = _RANGE.fullmatch(range_)
        sheet = (found["quoted"] or found["plain"] or "").replace("''", "'") if found else ""
        if not found or sheet not in self.sheets:
            return None
        rows = self.sheets[sheet]
        if found["cells"]:
            part = _CELLS.fullmatch(found["cells"])
            assert part is not None
            left, top, right, bottom = _column(part[1]), part[2], _column(part[3]), part[4]
            rows = rows[int(top or 1) - 1 : int(bottom) if bottom else None]
            rows = [row[left - 1 : right] for row in rows]
        return rows


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def _cell(value: Any) -> dict[str, Any]:
    if value is None:
        return {}
    if isinstance(value, bool):
        return {"effectiveValue": {"boolValue": value}}
    if isinstance(value, Failed):
        return {"effectiveValue": {"errorValue": {"type": str(value), "message": "It failed."}}}
    if isinstance(value, str):
        return {"effectiveValue": {"stringValue": value}}
    zero, type_, days = datetime(1899, 12, 30), "NUMBER", value  # noqa: DTZ001 - a sheet has no zone
    if isinstance(value, datetime):
        type_, days = "DATE_TIME", (value - zero).total_seconds() / 86_400
    elif isinstance(value, date):
        type_, days = "DATE", (value - zero.date()).days
    elif isinstance(value, time):
        type_, days = "TIME", (value.hour * 3600 + value.minute * 60 + value.second) / 86_400
    return {
        "effectiveValue": {"numberValue": days},
        "effectiveFormat": {"numberFormat": {"type": type_}},
    }


def _error(status: int, message: str) -> Answer:
    return Answer({"error": {"code": status, "message": message}}, status)
