"""The ``where`` language: parsed into a tree of small functions. Source: Xero, Requests and responses."""

from __future__ import annotations

import operator
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Literal, NoReturn
from uuid import UUID

FieldType = Literal["text", "id", "date", "boolean", "number"]
Record = Mapping[str, Any]
Test = Callable[[Record], bool]

_TOKEN = re.compile(
    r"""\s*(?:
      (?P<text>"(?:[^"\\]|\\.)*")
    | (?P<number>-?\d+(?:\.\d+)?)
    | (?P<symbol>==|!=|<>|<=|>=|&&|\|\||[=<>(),!])
    | (?P<word>[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*)
    )""",
    re.VERBOSE,
)
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "==": operator.eq,
    "!=": operator.ne,
    "<>": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_RANGES = frozenset({"<", "<=", ">", ">="})
_CONTAINS: dict[str, Callable[[str, str], bool]] = {
    "contains": operator.contains,
    "startswith": str.startswith,
    "endswith": str.endswith,
}
_FOLDING = frozenset({"tolower", "toupper"})
_MAX_DEPTH = 50


class QueryError(Exception):
    """The text is not in the language, or names what is not there."""


def fold(text: str) -> str:
    """Return what two texts share that differ in case or accents only."""
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter)).casefold()


@dataclass(frozen=True, slots=True, kw_only=True)
class Indexed:
    """The fields that Xero has indexes for."""

    equal: frozenset[str] = frozenset()  #: for equality
    ranged: frozenset[str] = frozenset()  #: for ``<`` and its like too; part of ``equal``
    either: frozenset[str] = frozenset()  #: for equalities joined by OR too; part of ``equal``


NOT_INDEXED = Indexed()


@dataclass(frozen=True, slots=True)
class Filter:
    """A parsed filter. ``optimised`` when indexes do for all of it."""

    test: Test
    optimised: bool


def parse(text: str, fields: Mapping[str, FieldType], indexed: Indexed, owner: str) -> Filter:
    """Return the filter that ``text`` describes; ``owner`` is what has the fields.

    Raises:
        QueryError: it is not in the language, or names a field that is not in ``fields``.
    """
    parser = _Parser(list(_tokens(text)), fields, indexed, owner)
    test = parser.alternatives(0)
    if parser.position != len(parser.tokens):
        raise QueryError(f"Unexpected '{parser.tokens[parser.position][1]}'.")
    usable = indexed.either if parser.alternated else indexed.equal
    return Filter(test, not parser.unoptimised and parser.named <= usable)


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    position = 0
    while text[position:].strip():
        found = _TOKEN.match(text, position)
        if found is None or found.lastgroup is None:
            raise QueryError(f"Syntax error at position {position}.")
        yield found.lastgroup, found[found.lastgroup]
        position = found.end()


class _Parser:
    """Recursive descent: alternatives > conjunctions > factor > comparison."""

    def __init__(
        self, tokens: list[tuple[str, str]], fields: Mapping[str, FieldType], indexed: Indexed, owner: str
    ) -> None:
        self.tokens = tokens
        self.position = 0
        self.named: set[str] = set()
        self.unoptimised = False
        self.alternated = False
        self._indexed = indexed
        self._owner = owner
        self._fields = {name.lower(): (name, type_) for name, type_ in fields.items()}

    def alternatives(self, depth: int) -> Test:
        tests = [self._conjunction(depth)]
        while self._taken("||", "or"):
            self.alternated = True
            tests.append(self._conjunction(depth))
        return tests[0] if len(tests) == 1 else lambda record: any(test(record) for test in tests)

    def _conjunction(self, depth: int) -> Test:
        tests = [self._factor(depth)]
        while self._taken("&&", "and"):
            tests.append(self._factor(depth))
        return tests[0] if len(tests) == 1 else lambda record: all(test(record) for test in tests)

    def _factor(self, depth: int) -> Test:
        if depth > _MAX_DEPTH:
            raise QueryError("Too deeply nested.")
        if self._taken("!", "not"):
            self.unoptimised = True
            inner = self._factor(depth + 1)
            return lambda record: not inner(record)
        if self._taken("("):
            inner = self.alternatives(depth + 1)
            self._need(")")
            return inner
        return self._comparison()

    def _comparison(self) -> Test:
        name, type_, folded_by = self._field()
        if folded_by in _CONTAINS:
            return self._text_test(name, type_, folded_by)
        if folded_by:
            self.unoptimised = True
        symbol = self._peek()[1]
        if symbol not in _COMPARE:
            if type_ == "boolean":
                return lambda record: record.get(name) is True
            self._fail()
        self.position += 1
        if symbol not in {"=", "=="} and (name not in self._indexed.ranged or symbol not in _RANGES):
            self.unoptimised = True
        return _compared(name, symbol, self._value(type_))

    def _text_test(self, name: str, type_: FieldType, function: str) -> Test:
        self.unoptimised = True
        if type_ != "text":
            raise QueryError(f"No method '{function}' for field '{name}'.")
        self._need("(")
        wanted = fold(str(self._value("text")))
        self._need(")")
        holds = _CONTAINS[function]
        return lambda record: record.get(name) is not None and holds(fold(record[name]), wanted)

    def _field(self) -> tuple[str, FieldType, str]:
        kind, word = self._next()
        path, _, function = word.rpartition(".")
        if function.lower() not in _CONTAINS.keys() | _FOLDING:
            path, function = word, ""
        if kind != "word" or path.lower() not in self._fields:
            raise QueryError(f"No property or field '{path or word}' exists in type '{self._owner}'.")
        name, type_ = self._fields[path.lower()]
        self.named.add(name)
        if function.lower() in _FOLDING:
            self._need("(")
            self._need(")")
        return name, type_, function.lower()

    def _value(self, type_: FieldType) -> Any:
        kind, text = self._next()
        if kind == "word" and text.lower() == "null":
            return None
        if kind == "text" and type_ in {"text", "id"}:
            return _literal(type_, re.sub(r"\\(.)", r"\1", text[1:-1]))
        if kind == "number" and type_ == "number":
            return Decimal(text)
        if kind == "word" and text.lower() in {"true", "false"} and type_ == "boolean":
            return text.lower() == "true"
        if kind == "word" and (text.lower(), type_) in {("guid", "id"), ("datetime", "date")}:
            return self._constructed(type_)
        raise QueryError(f"Operator cannot be applied to a field of type '{type_}' and '{text}'.")

    def _constructed(self, type_: FieldType) -> Any:
        self._need("(")
        arguments = [self._next()[1]]
        while self._taken(","):
            arguments.append(self._next()[1])
        self._need(")")
        if type_ == "id":
            return _literal("id", arguments[0].strip('"'))
        try:
            return datetime(*map(int, arguments), tzinfo=UTC)  # type: ignore[misc, arg-type]  # checked below
        except (ValueError, TypeError):
            raise QueryError("DateTime expects (year, month, day[, hour, minute, second]).") from None

    def _taken(self, *texts: str) -> bool:
        if self._peek()[1].lower() in texts and self._peek()[0] != "text":
            self.position += 1
            return True
        return False

    def _need(self, text: str) -> None:
        if not self._taken(text):
            self._fail()

    def _peek(self) -> tuple[str, str]:
        return self.tokens[self.position] if self.position < len(self.tokens) else ("", "")

    def _next(self) -> tuple[str, str]:
        token = self._peek()
        if not token[0]:
            self._fail()
        self.position += 1
        return token

    def _fail(self) -> NoReturn:
        raise QueryError(f"Unexpected '{self._peek()[1] or 'end of the expression'}'.")


def _literal(type_: FieldType, text: str) -> str:
    if type_ == "text":
        return text
    try:
        return str(UUID(text))
    except ValueError:
        raise QueryError(f"'{text}' is not a Guid.") from None


def _compared(name: str, symbol: str, wanted: Any) -> Test:
    compare = _COMPARE[symbol]
    if isinstance(wanted, str):
        wanted = fold(wanted)

    def test(record: Record) -> bool:
        value = record.get(name)
        if value is None or wanted is None:
            return compare is operator.ne if (value is None) != (wanted is None) else symbol in {"=", "=="}
        return compare(fold(value) if isinstance(value, str) else value, wanted)

    return test
