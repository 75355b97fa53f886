"""Files as people may see them who may not see secrets: what should not stand there is not shown either."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from bookward.project.expected import SECRET_NAME
from bookward.project.secrets import refers
from bookward.project.spans import Span, Spans
from bookward.project.yamlfile import parse_yaml

HIDDEN = "[hidden]"

_NOTHING = frozenset({"", "~", "null", "true", "false"})
_WORDS = re.compile(r"\S(?:.*\S)?")
_PASSWORD = re.compile(r"([A-Za-z0-9+.-]+://[^/@?#\s:]*:)(?!\$\{)(?:[^/?#\s]*|[^@\s]*)@")
_KEY = r"[\"']?(?P<key>[\w.-]+)[\"']?\s*:"
_LINE = re.compile(rf"(?P<head>[+\- ]?\s*(?:- )?{_KEY}\s+)(?P<value>[^\s#].*)")
_LAST = re.compile(rf"(?:^|[\s{{,+-]){_KEY}\s*(?:#.*)?$")
_INLINE = re.compile(
    r"([{,]\s*[\"']?[\w.-]+[\"']?\s*:\s*)(\"(?:[^\"\\]|\\.)*\"?|'(?:[^']|'')*'?|[^\s\"',{}][^,{}]*)"
)


def hidden_text(text: str) -> str:
    """Return a YAML file's text without the secrets that are written out in it, in as many lines."""
    if parse_yaml(text.replace("\r\n", "\n"), "")[0] is None:
        return "".join(_lines(text.splitlines(keepends=True)))
    for span in sorted(_secrets(Spans(text).read(), ""), key=lambda span: span.start, reverse=True):
        text = text[: span.start] + _masked(text[span.start : span.end], span) + text[span.end :]
    return _PASSWORD.sub(rf"\1{HIDDEN}@", text)


def hidden_diff(diff: str, texts: Iterable[str]) -> str:
    """Return a unified diff without secrets.

    Args:
        diff: of files, which may begin or end in the middle of a secret.
        texts: the whole files before and after.
    """
    hidden: dict[str, str] = {}
    for text in texts:
        pairs = zip(text.split("\n"), hidden_text(text).split("\n"), strict=True)
        hidden |= {line: shown for line, shown in pairs if line != shown}
    lines = "\n".join(_in_diff(line, hidden) for line in diff.split("\n"))
    return "".join(_lines(lines.splitlines(keepends=True)))


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


def _in_diff(line: str, hidden: Mapping[str, str]) -> str:
    """Return a line of a diff as it is shown; that of a merge has two signs before it."""
    return next((line[:cut] + hidden[line[cut:]] for cut in (1, 2) if line[cut:] in hidden), line)


def _secrets(span: Span, key: str) -> Iterator[Span]:
    """Yield the values under keys that are called like a secret."""
    for name, member in [*(span.members or {}).items(), *span.repeated]:
        yield from _secrets(member.value, f"{key} {name}")
    for item in span.items or ():
        yield from _secrets(item, key)
    if not span.is_collection and not span.alias and SECRET_NAME.search(key):
        yield span


def _masked(text: str, span: Span) -> str:
    """Return what stands in the place of a value, in as many lines."""
    if refers(text) or (not span.style and text.lower() in _NOTHING):
        return text
    header, newline, body = text.partition("\n") if span.is_block else ("", "", text)
    return header + newline + _WORDS.sub(HIDDEN, body)


def _lines(lines: list[str]) -> Iterator[str]:
    """Yield the lines of what cannot be read as YAML: more than the secrets may be hidden."""
    below: int | None = None  # the indent of a key whose value may go on in the lines below it
    quote = ""  # that its value has to end with
    for line in lines:
        content = line.rstrip("\r\n")
        end = line[len(content) :]
        indent = len(content) - len(content.lstrip("+- "))
        if quote or (below is not None and (not content.strip() or indent > below)):
            quote = "" if quote in content else quote
            said = content[indent:]
            yield content[:indent] + (said if refers(said) else _WORDS.sub(HIDDEN, said)) + end
            continue
        found = _LINE.fullmatch(content) or _LAST.search(content)
        is_secret = found is not None and SECRET_NAME.search(found["key"])
        below = indent if is_secret else None
        value = found.groupdict().get("value") if found and is_secret else None
        if found and value and not refers(value) and value[0] not in "|>":
            quote = value[0] if value[0] in "\"'" and value.count(value[0]) % 2 else ""
            yield found["head"] + HIDDEN + end
        else:
            yield _INLINE.sub(_part, _PASSWORD.sub(rf"\1{HIDDEN}@", content)) + end


def _part(found: re.Match[str]) -> str:
    secret = SECRET_NAME.search(found[1]) and not refers(found[2])
    return found[1] + HIDDEN if secret else found[0]
