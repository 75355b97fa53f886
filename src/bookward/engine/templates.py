"""Liquid templates over the columns of a row: checked once, then rendered for every row.

A column is a variable by its name; ``row["Odd name"]`` reaches any column, whatever its name. A template sees
the row and nothing else: no other template, no file, no clock, no environment.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

from liquid import BoundTemplate, RenderContext
from liquid.ast import Node
from liquid.builtin.content import ContentNode
from liquid.builtin.expressions import FilteredExpression, Path
from liquid.builtin.expressions.primitive import FloatLiteral, IntegerLiteral, RangeLiteral
from liquid.builtin.output import OutputNode
from liquid.exceptions import LiquidError
from liquid.expression import Expression
from liquid.static_analysis import TemplateAnalysis, Variable

from bookward.engine.filters import FILTERS, Number, text_of
from bookward.engine.liquid_environment import LIQUID, LOOP_LIMIT, place_of
from bookward.engine.text import SHOWN_LENGTH, Unfit, kind_of, plain_text, shown
from bookward.errors import TemplateFailed
from bookward.nearest import choose_from

_WHOLE_ROW = "row"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Something wrong in a template's text; line and column count from 1."""

    line: int
    column: int
    message: str
    remedy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A template made ready; one with faults cannot be rendered."""

    columns: tuple[str, ...]  #: the columns that it reads, in order of appearance
    faults: tuple[Fault, ...]
    _write: Callable[[Mapping[str, Any]], str]

    def render(self, row: Mapping[str, Any], path: str) -> str:
        """Return the text for one row.

        Args:
            row: has at least the template's columns.
            path: the field's dotted path, for messages.

        Raises:
            TemplateFailed: the template does not suit the row's values.
        """
        try:
            return self._write(row)
        except LiquidError as error:
            reason = str(error.message)
        except Unfit as error:
            reason = str(error)
        except Exception as error:  # noqa: BLE001 - whatever a filter stumbles over costs this row, no other
            reason = f"{type(error).__name__}: {error}"
        raise TemplateFailed(f"{path}: the template failed: {reason[: 3 * SHOWN_LENGTH]}.", field=path)


def parse(source: str) -> Template:
    """Return the template that ``source`` says, with its faults if it has any."""
    try:
        bound = LIQUID.from_string(source)
    except LiquidError as error:
        place = place_of(error)
        index = place if place >= 0 else len(source)
        fault = _fault(source, index, f"This is not Liquid: {error.message}.", "Correct the template.")
        return Template(columns=(), faults=(fault,), _write=_unreadable)
    analysis = bound.analyze(include_partials=False)
    columns, faults = _columns(source, analysis)
    faults += _unknown_filters(source, analysis)
    for expression in _expressions(bound, bound.nodes):
        if isinstance(expression, FloatLiteral):
            expression.value = Number(expression.token.value)  # type: ignore[assignment]  # exact, as written
        elif isinstance(expression, RangeLiteral) and not _is_short(expression):
            faults.append(_long_range(source, expression))
    names = tuple(dict.fromkeys(columns))
    return Template(columns=names, faults=tuple(faults), _write=_plain(bound) or _full(bound, names))


def _unreadable(_: Mapping[str, Any]) -> str:
    raise LiquidError("it has faults", token=None)


def _columns(source: str, analysis: TemplateAnalysis) -> tuple[list[str], list[Fault]]:
    columns: list[str] = []
    faults: list[Fault] = []
    variables = [variable for found in analysis.globals.values() for variable in found]
    for variable in sorted(variables, key=lambda variable: variable.span.index):
        column = _column(variable)
        if column is not None:
            columns.append(column)
            continue
        message = "Which column this reads is not known before the row is."
        remedy = 'Name the column: {{ name }}, or {{ row["Odd name"] }}.'
        faults.append(_fault(source, variable.span.index, message, remedy))
    return columns, faults


def _column(variable: Variable) -> str | None:
    segments = variable.segments
    root = segments[1] if segments[0] == _WHOLE_ROW and len(segments) > 1 else segments[0]
    return root if isinstance(root, str) and (root != _WHOLE_ROW or len(segments) > 1) else None


def _unknown_filters(source: str, analysis: TemplateAnalysis) -> list[Fault]:
    return [
        _fault(source, span.index, f"There is no filter {name!r}.", choose_from(name, FILTERS))
        for name, spans in analysis.filters.items()
        if name not in FILTERS
        for span in spans
    ]


def _is_short(expression: RangeLiteral) -> bool:
    """Return whether a range is sure to be short: liquid's limits come too late for some of its uses."""
    start, stop = expression.start, expression.stop
    if not (isinstance(start, IntegerLiteral) and isinstance(stop, IntegerLiteral)):
        return False
    return stop.value - start.value < LOOP_LIMIT


def _long_range(source: str, expression: RangeLiteral) -> Fault:
    message = f"The range {expression} is too long, or its length is not known before the row is."
    remedy = f"Write both ends as numbers, at most {LOOP_LIMIT} apart."
    return _fault(source, expression.token.start_index, message, remedy)


def _expressions(bound: BoundTemplate, nodes: Iterable[Node]) -> Iterator[Expression]:
    context = RenderContext(bound)
    for node in nodes:
        for expression in node.expressions():
            yield from _with_parts(expression)
        yield from _expressions(bound, node.children(context, include_partials=False))


def _with_parts(expression: Expression) -> Iterator[Expression]:
    yield expression
    for part in expression.children():
        yield from _with_parts(part)


def _fault(source: str, index: int, message: str, remedy: str) -> Fault:
    before = source[:index]
    line = before.count("\n") + 1
    return Fault(line=line, column=len(before) - before.rfind("\n"), message=message, remedy=remedy)


def _plain(bound: BoundTemplate) -> Callable[[Mapping[str, Any]], str] | None:
    """Return a short cut for templates of only text and columns: most are, and it is much faster."""
    pieces: list[tuple[str | None, str]] = []
    for node in bound.nodes:
        if isinstance(node, ContentNode):
            pieces.append((None, node.text))
        elif isinstance(node, OutputNode) and (column := _bare_column(node.expression)) is not None:
            pieces.append((column, ""))
        else:
            return None

    def write(row: Mapping[str, Any]) -> str:
        return "".join([text if name is None else text_of(_value(row, name)) for name, text in pieces])

    return write


def _bare_column(expression: Expression) -> str | None:
    if not isinstance(expression, FilteredExpression) or expression.filters:
        return None
    path = expression.left
    if not isinstance(path, Path) or len(path.path) != 1:
        return None
    name = path.path[0]
    return name if isinstance(name, str) and name != _WHOLE_ROW else None


def _full(bound: BoundTemplate, columns: tuple[str, ...]) -> Callable[[Mapping[str, Any]], str]:
    def write(row: Mapping[str, Any]) -> str:
        values = {name: _value(row, name) for name in columns}
        return bound.render({**values, _WHOLE_ROW: values})

    return write


def _value(row: Mapping[str, Any], name: str) -> Any:
    try:
        return _given(row[name])
    except KeyError:
        raise Unfit(f"the row has no column {name!r}") from None


def _given(value: Any) -> Any:
    """Return a column's value as a template knows it: text, number, truth value, list, object or null."""
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, Decimal | float):
        return Number(plain_text(value))
    if isinstance(value, date | datetime | time | UUID):
        return plain_text(value)
    if isinstance(value, list | tuple):
        return [_given(part) for part in value]
    if isinstance(value, dict):
        return {str(name): _given(part) for name, part in value.items()}
    raise Unfit(f"{kind_of(value)} ({shown(value)}) cannot be used in a template")
