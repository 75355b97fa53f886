"""Choose the examples of the API's description from the tests' exchanges: scripts/api_examples.py EXCHANGES.

Of each route the exchange is taken that says the most in the least; what differs from one time to the next or
belongs to nobody else (bearers, ports, folders) is put into words.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bookward.app import App, init
from bookward.web.server import create_api

KEPT = Path(__file__).parents[1] / "src" / "bookward" / "web" / "examples.json"
_LONGEST = 6_000  # characters; the answers that describe the API itself are longer
_LONGEST_LIST = 2
_LONGEST_TEXT = 1000
_WORDS = (
    (r"http://(?:localhost|127\.0\.0\.1):\d+", "https://books.example.com"),
    (r"/[\w./-]*?/(?:books|project)\b(?![.\w])", "/srv/books"),
    (r"\b(bw[a-z])_[\w-]{6,}", r"\1_..."),
    (r"(#|secret=|state=|code=|code_challenge=|nonce=)[\w.~-]{16,}", r"\1..."),
    (r"\b(?:localhost|127\.0\.0\.1):\d{4,5}", "db.example.com:5432"),
    (r"planted-[\w-]+", "..."),
)
_SECRET_FIELDS = {"password", "new", "old", "value"}


def main() -> None:
    """Write them."""
    exchanges = [json.loads(line) for line in Path(sys.argv[1]).read_text().splitlines()]
    chosen = {
        name: _shown(_best(short))
        for name, found in _by_operation(exchanges).items()
        if (short := [one for one in found if len(json.dumps(_shown(one))) <= _LONGEST])
    }
    KEPT.write_text(json.dumps(chosen, indent=1, ensure_ascii=False, sort_keys=True) + "\n", encoding="utf-8")
    print(f"{len(chosen)} operations, {KEPT.stat().st_size:,} bytes")


def _by_operation(exchanges: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    routes = _routes()
    for exchange in exchanges:
        for method, pattern, statuses, name in routes:
            fits = method == exchange["method"] and str(exchange["status"]) in statuses
            if fits and pattern.fullmatch(exchange["path"]):
                found.setdefault(name, []).append(exchange)
                break
    return found


def _routes() -> list[tuple[str, re.Pattern[str], set[str], str]]:
    with TemporaryDirectory() as folder:
        init(Path(folder) / "project")
        app = App(Path(folder) / "project", environ={"BOOKWARD_STATE": f"{folder}/state"})
        paths = create_api(app, url="http://localhost:8000").openapi()["paths"]
        app.close()
    routes = [
        (method.upper(), _pattern(path), set(told["responses"]), told["operationId"])
        for path, operations in paths.items()
        for method, told in operations.items()
    ]
    return sorted(routes, key=lambda route: route[1].pattern.count("[^/]+"))


def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\{\w+\}", "[^/]+", path))


def _best(found: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the exchange with the most fields that say something; of equals, the shortest."""
    return max(found, key=lambda one: (len(_fields(_shown(one))), -len(json.dumps(_shown(one)))))


def _fields(value: Any, path: str = "") -> set[str]:
    if isinstance(value, dict):
        return {name for key, inner in value.items() for name in _fields(inner, f"{path}.{key}")}
    if isinstance(value, list):
        return {name for inner in value for name in _fields(inner, f"{path}[]")}
    return {path} if value not in (None, "") else set()


def _shown(exchange: dict[str, Any]) -> dict[str, Any]:
    shown = {"status": str(exchange["status"])}
    for part in ("request", "answer"):
        if exchange[part] is not None:
            shown[part] = _in_words(exchange[part])
    return shown


def _in_words(value: Any, field: str = "") -> Any:
    if isinstance(value, dict):
        return {key: _in_words(inner, key) for key, inner in value.items()}
    if isinstance(value, list):
        return [_in_words(inner, field) for inner in value[:_LONGEST_LIST]]
    if not isinstance(value, str):
        return value
    if field in _SECRET_FIELDS:
        return "a phrase of your own"
    for pattern, words in _WORDS:
        value = re.sub(pattern, words, value)
    return value if len(value) <= _LONGEST_TEXT else f"{value[: _LONGEST_TEXT - 1]}…"


if __name__ == "__main__":
    main()
