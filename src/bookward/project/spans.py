"""A YAML text as a tree of values, each with the part of the text that it stands in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.events import (
    AliasEvent,
    MappingEndEvent,
    MappingStartEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

_PROPERTIES = re.compile(r"(?:[&!]\S*\s+)*")
_COLON = re.compile(r"(?:\s|#.*)*+:")
_BLOCK_STYLES = ("|", ">")


@dataclass(slots=True)
class Span:
    """A value of a text, by offsets in it."""

    start: int  #: behind its anchor and tag
    end: int  #: behind its last character; comments and blank lines that follow are not part of it
    flow: bool = False  #: it stands in braces or brackets, or is one of these
    in_flow: bool = False  #: it stands in them
    style: str = ""  #: of a text: its quote, or how its block begins
    alias: bool = False
    members: dict[str, Member] | None = None
    repeated: list[tuple[str, Member]] = field(default_factory=list)  #: keys that stand there again
    items: list[Span] | None = None

    @property
    def is_block(self) -> bool:
        """Whether it has lines of its own below its key."""
        return not self.flow and not self.alias and (self.is_collection or self.style in _BLOCK_STYLES)

    @property
    def is_collection(self) -> bool:
        """Whether it is a mapping or a list."""
        return self.members is not None or self.items is not None


@dataclass(slots=True)
class Member:
    """A key of a mapping with its value, by offsets in the text."""

    start: int
    colon: int  #: behind the colon, or behind the key where there is none
    value: Span


@dataclass(slots=True)
class Spans:
    """The spans of one text that is known to be a readable document."""

    text: str

    def read(self) -> Span:
        """Return the top of the document."""
        events = iter(YAML(typ="safe", pure=True).parse(self.text))
        next(events), next(events)  # the beginnings of stream and document
        return self._node(next(events), events, flow=False)

    def _node(self, event: Any, events: Iterator[Any], *, flow: bool) -> Span:
        mark = event.start_mark
        found = _PROPERTIES.match(self.text, mark.index) if _has_properties(event) else None
        span = Span(found.end() if found else mark.index, event.end_mark.index, flow, in_flow=flow)
        match event:
            case AliasEvent():
                span.start, span.alias = mark.index, True
            case MappingStartEvent():
                span.flow = bool(event.flow_style)
                span.members = {}
                self._mapping(span, span.members, events)
            case SequenceStartEvent():
                span.flow = bool(event.flow_style)
                span.items = []
                self._sequence(span, span.items, events)
            case _:
                span.style = event.style or ""
                span.start = min(span.start, span.end)  # nothing may follow its anchor or tag
                if span.style in _BLOCK_STYLES:
                    span.end = span.start + len(self.text[span.start : span.end].rstrip())
        return span

    def _mapping(self, span: Span, members: dict[str, Member], events: Iterator[Any]) -> None:
        while not isinstance(key := next(events), MappingEndEvent):
            found = _COLON.match(self.text, key.end_mark.index)
            colon = found.end() if found else key.end_mark.index
            event = next(events)
            value = self._node(event, events, flow=span.flow)
            if value.start == value.end and not _has_properties(event):
                value.start = value.end = colon  # the parser marks what is empty where the next token begins
            member = Member(key.start_mark.index, colon, value)
            if members.setdefault(key.value, member) is not member:
                span.repeated.append((key.value, member))
            span.end = value.end
        if span.flow:
            span.end = key.end_mark.index

    def _sequence(self, span: Span, items: list[Span], events: Iterator[Any]) -> None:
        while not isinstance(event := next(events), SequenceEndEvent):
            items.append(self._node(event, events, flow=span.flow))
        span.end = event.end_mark.index if span.flow or not items else items[-1].end


def _has_properties(event: Any) -> bool:
    return bool(getattr(event, "anchor", None) or getattr(event, "tag", None))
