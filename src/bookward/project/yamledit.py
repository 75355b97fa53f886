"""Changing values in a YAML text that a person wrote: what does not change keeps every byte.

The text is never written anew from its values, as a round trip through an emitter would do it: the places of
the values that differ are looked up, and only these are replaced. What comes out is read again and compared
with what was wanted, so an odd text may cost its comments and never its meaning.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from bookward.project.document import Document, Where
from bookward.project.spans import Span, Spans
from bookward.project.yamlfile import parse_yaml
from bookward.project.yamltext import fits_a_line, header, inline, lines

_COMMENT = re.compile(r".*?\s(#.*)")
_COMMA = re.compile(r"\s*,(?: +(?=[^ #]))?")
_IS_BLANK = re.compile(r"\s*(?:#.*)?")
_PASSES = 4  # an anchor that changes moves what repeats it, which the next pass puts back


def new_text(values: Mapping[str, Any]) -> str:
    """Return the text of a file that is not there yet."""
    return "".join(f"{line}\n" for line in lines(dict(values), 0))


def edited(text: str, values: Mapping[str, Any]) -> str:
    """Return ``text`` with the values replaced; keys that ``values`` does not have go.

    Args:
        text: a file of a project; when it is not readable, all of it is replaced.
        values: text, bool, int, Decimal, None, and dicts and lists of these.
    """
    wanted, newline = dict(values), "\r\n" if "\r\n" in text else "\n"
    if _values(text) is None or not wanted:
        return new_text(wanted).replace("\n", newline)
    for candidate in (text, _without_aliases(text)):
        for _ in range(_PASSES):
            found = _values(candidate)
            if found is None:
                break
            if same(found, wanted):
                return candidate
            candidate = _Edit(candidate, newline).to(found, wanted)  # noqa: PLW2901
    return new_text(wanted).replace("\n", newline)


def replaced(text: str, places: Iterable[Where], values: Mapping[str, Any]) -> str | None:
    """Return ``text`` with nothing but the scalars at some places as in ``values``; None where that fails.

    It may be a file with something wrong in it, which ``edited`` would write anew as far as it could be read.
    """
    edit = _Edit(text, "\n")
    try:
        for where in places:
            edit.put(where, values)
    except LookupError:  # an alias repeats what it is in
        return None
    document, _ = parse_yaml(edit.result().replace("\r\n", "\n"), "")
    return edit.result() if document and same(_plain(document), values) else None


def same(one: Any, other: Any) -> bool:
    """Say whether two values of files are the same; true is not 1, and 1.0 is 1."""
    match one, other:
        case dict(), dict():
            return one.keys() == other.keys() and all(same(part, other[key]) for key, part in one.items())
        case list(), list():
            return len(one) == len(other) and all(map(same, one, other))
    return isinstance(one, bool) == isinstance(other, bool) and bool(one == other)


def _values(text: str) -> dict[str, Any] | None:
    document, problems = parse_yaml(text.replace("\r\n", "\n"), "")
    return _plain(document) if document and not problems else None


def _plain(document: Document) -> dict[str, Any]:
    values: dict[str, Any] = document.root.plain()
    return values


def _without_aliases(text: str) -> str:
    """Return the text with every alias written out."""
    document, _ = parse_yaml(text.replace("\r\n", "\n"), "")
    edit = _Edit(text, "\n")
    if document:
        edit.write_out(_plain(document))
    return edit.result()


class _Edit:
    """The replacements in one text."""

    def __init__(self, text: str, newline: str) -> None:
        self._text = text
        self._newline = newline
        self._top = Spans(text).read()
        self._cuts: list[tuple[int, int, str]] = []

    def to(self, found: dict[str, Any], wanted: dict[str, Any]) -> str:
        """Return the text in which ``found`` has become ``wanted``."""
        if self._top.flow or not self._top.members or not found.keys() & wanted.keys():
            return new_text(wanted).replace("\n", self._newline)
        self._mapping(self._top, found, wanted)
        return self.result()

    def put(self, where: Where, values: Any) -> None:
        """Replace the scalar at a place by that of ``values``."""
        span = self._top
        for step in where:
            span = (span.items or [])[step] if isinstance(step, int) else (span.members or {})[step].value
            values = values[step]
        self._cut(span.start, span.end, inline(values, span.style))

    def write_out(self, values: Any, span: Span | None = None) -> None:
        """Replace every alias by what it repeats."""
        span = span or self._top
        if span.alias:
            self._cut(span.start, span.end, inline(values))
        for key, member in (span.members or {}).items():
            self.write_out(values[key], member.value)
        for item, value in zip(span.items or (), values if span.items else (), strict=True):
            self.write_out(value, item)

    def result(self) -> str:
        """Return the text with everything replaced."""
        text = self._text
        for start, end, new in sorted(self._cuts, reverse=True):
            text = text[:start] + new + text[end:]
        return text

    def _cut(self, start: int, end: int, new: str) -> None:
        self._cuts.append((start, end, new))

    def _change(self, span: Span, found: Any, wanted: Any, colon: int, indent: int) -> None:
        """Replace what differs in a value.

        Args:
            span: where it stands.
            found: what it is.
            wanted: what it becomes.
            colon: behind the colon of its key, or the dash of its item.
            indent: of its lines, when it gets lines of its own.
        """
        if same(found, wanted):
            return
        if isinstance(wanted, dict) and span.members and self._goes_inside(span, found.keys(), wanted.keys()):
            self._mapping(span, found, wanted)
        elif isinstance(wanted, list) and span.items and self._goes_inside(span, found, wanted):
            self._list(span, found, wanted)
        else:
            self._replace(span, wanted, colon, indent)

    def _goes_inside(self, span: Span, found: Collection[Any], wanted: Collection[Any]) -> bool:
        """Say whether a collection stays, and only parts of it are replaced; given its keys or its items."""
        if span.alias or not wanted:
            return False
        is_line = span.flow and "\n" not in self._text[span.start : span.end]
        if isinstance(found, list):
            return not is_line or len(found) == len(wanted)
        return set(found) == set(wanted) if is_line else any(key in wanted for key in found)

    def _mapping(self, span: Span, found: dict[str, Any], wanted: dict[str, Any]) -> None:
        members = span.members or {}
        kept = [member for key, member in members.items() if key in wanted]
        gone = [member for key, member in members.items() if key not in wanted]
        for key, member in members.items():
            if key in wanted:
                indent = self._column(member.start) + 2
                self._change(member.value, found[key], wanted[key], member.colon, indent)
        places = [(each.start, each.value.end) for each in gone]
        added = {key: value for key, value in wanted.items() if key not in members}
        if span.flow:
            self._change_in_flow(places, kept[-1].value.end, f", {inline(added)[1:-1]}" if added else "")
            return
        self._remove(places, [each.start for each in kept])
        if added:
            last = list(members.values())[-1]
            self._insert(last.value.end, lines(added, self._column(kept[0].start)))

    def _list(self, span: Span, found: list[Any], wanted: list[Any]) -> None:
        items = span.items or []
        ahead = _alike(found, wanted)
        behind = _alike(found[ahead:][::-1], wanted[ahead:][::-1])
        old, new = range(ahead, len(found) - behind), range(ahead, len(wanted) - behind)
        more = [wanted[at] for at in new[len(old) :]]
        gone = old[len(new) :]
        dashes = [item.start if span.flow else self._text.rfind("-", 0, item.start) for item in items]
        for at in old[: len(new)]:
            self._change(items[at], found[at], wanted[at], dashes[at] + 1, self._column(dashes[at]) + 2)
        if span.flow:
            said = inline(more)[1:-1]
            offset, said = (
                (items[old.stop - 1].end, f", {said}") if old.stop else (items[0].start, f"{said}, ")
            )
            self._change_in_flow(
                [(items[at].start, items[at].end) for at in gone], offset, said if more else ""
            )
            return
        stay = [dash for at, dash in enumerate(dashes) if at not in gone]
        self._remove([(dashes[at], items[at].end) for at in gone], stay)
        text = lines(more, self._column(dashes[0])) if more else []
        if text and old.stop:
            self._insert(items[old.stop - 1].end, text)
        elif text:
            pad = " " * self._column(dashes[0])
            self._cut(dashes[0], dashes[0], self._newline.join([*text, pad]).removeprefix(pad))

    def _replace(self, span: Span, wanted: Any, colon: int, indent: int) -> None:
        on_line = fits_a_line(wanted) or span.in_flow
        if on_line and not span.is_block:
            old_quote = span.style if span.style in ("'", '"') and isinstance(wanted, str) else ""
            space = "" if self._text[span.start - 1 : span.start] in (" ", "\n", "[", "{", "(") else " "
            self._cut(span.start, span.end, space + inline(wanted, old_quote))
            return
        comment = self._comment(span, colon)
        if on_line:
            said = f" {inline(wanted)}" + (f"  {comment}" if comment else "")
            self._cut(colon, span.end, said)
            return
        below = self._newline + self._newline.join(lines(wanted, indent))
        if span.is_block:
            said = f"{header(wanted)} {comment}" if comment else header(wanted)
            self._cut(colon, span.end, said + below)
        else:
            self._cut(colon, span.end, header(wanted))
            self._cut(self._eol(span.end), self._eol(span.end), below)

    def _comment(self, span: Span, colon: int) -> str:
        """Return the comment on the line of a key whose value has lines of its own."""
        eol = self._eol(colon)
        found = _COMMENT.match(self._text, colon, eol if span.style else min(span.start, eol))
        return found[1] if found and span.is_block else ""

    def _remove(self, gone: list[tuple[int, int]], kept: list[int]) -> None:
        """Take out parts of a collection.

        Args:
            gone: where these begin and end, in order.
            kept: where those begin that stay.
        """
        for start, end in gone:
            line, eol = self._text.rfind("\n", 0, start) + 1, self._eol(end)
            if not self._text[line:start].strip():
                self._cut(line, min(eol + len(self._newline), len(self._text)), "")
                continue
            # It stands behind a dash, on the line where the next one then begins.
            following = next((each for each in kept if each > start), end)
            if self._text[eol:following].strip():  # or below it, behind what stands there
                self._cut(len(self._text[:start].rstrip(" ")), eol, "")
            else:
                self._cut(start, following, "")

    def _change_in_flow(self, gone: list[tuple[int, int]], offset: int, added: str) -> None:
        """Take out parts of a collection in braces or brackets, each with its comma, and put in others."""
        self._cut(offset, offset, added)
        for start, end in gone:
            comma = _COMMA.match(self._text, end)
            stop = comma.end() if comma else end
            line, eol = self._text.rfind("\n", 0, start) + 1, self._eol(stop)
            if _IS_BLANK.fullmatch(self._text[line:start]) and _IS_BLANK.fullmatch(self._text[stop:eol]):
                self._cut(line, min(eol + len(self._newline), len(self._text)), "")
            else:
                self._cut(start, stop, "")

    def _insert(self, end: int, text: list[str]) -> None:
        eol = self._eol(end)
        self._cut(eol, eol, "".join(self._newline + line for line in text))

    def _eol(self, offset: int) -> int:
        """Return where the line of an offset ends, before its line end."""
        found = self._text.find("\n", offset)
        if found < 0:
            return len(self._text)
        return found - 1 if self._text[found - 1 : found] == "\r" else found

    def _column(self, offset: int) -> int:
        return offset - (self._text.rfind("\n", 0, offset) + 1)


def _alike(one: list[Any], other: list[Any]) -> int:
    """Return with how many items two lists begin alike."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, pair in pairs if not same(*pair)), min(len(one), len(other)))
