"""Files as people may see them who may not see secrets: what should not stand there is not shown either."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from bookward.project.expected import SECRET_NAME
from bookward.project.secrets import refers

HIDDEN = "[hidden]"

_LINE = re.compile(
    r"(?P<head>[+\- ]?(?P<indent>\s*)(?:- )?[\"']?(?P<key>[\w.-]+)[\"']?\s*:\s+)(?P<value>\S.*)"
)
_PASSWORD = re.compile(r"([A-Za-z0-9+.-]+://[^/@?#\s:]*:)(?!\$\{)([^@\s]*)@")
_INLINE = re.compile(r"([{,]\s*[\"']?[\w.-]+[\"']?\s*:\s*)([^,{}]+)")


def hidden_text(text: str) -> str:
    """Return a YAML file's text, or a diff of one, without the secrets that are written out in it."""
    return "".join(_lines(text.splitlines(keepends=True)))


def hidden_values(values: Any, key: str = "") -> Any:
    """Return what a file says without the secrets that are written out in it."""
    if isinstance(values, Mapping):
        return {name: hidden_values(value, f"{key} {name}") for name, value in values.items()}
    if isinstance(values, list):
        return [hidden_values(value, key) for value in values]
    if not isinstance(values, str):
        return HIDDEN if SECRET_NAME.search(key) and values not in (None, True, False) else values
    if SECRET_NAME.search(key) and values and not refers(values):
        return HIDDEN
    return _PASSWORD.sub(rf"\1{HIDDEN}@", values)


def _lines(lines: list[str]) -> Iterator[str]:
    below: int | None = None  # the indent of a key whose value goes on in the lines below it
    for line in lines:
        content = line.rstrip("\r\n")
        end = line[len(content) :]
        indent = len(content) - len(content.lstrip("+- "))
        if below is not None and (not content.strip() or indent > below):
            yield (content[:indent] + HIDDEN if content.strip() else content) + end
            continue
        below = None
        found = _LINE.fullmatch(content)
        if found and SECRET_NAME.search(found["key"]) and not refers(found["value"]):
            if found["value"][0] in "|>":
                below = indent
                yield line
            else:
                yield found["head"] + HIDDEN + end
            continue
        yield _INLINE.sub(_part, _PASSWORD.sub(rf"\1{HIDDEN}@", content)) + end


def _part(found: re.Match[str]) -> str:
    secret = SECRET_NAME.search(found[1]) and not refers(found[2])
    return found[1] + HIDDEN if secret else found[0]
