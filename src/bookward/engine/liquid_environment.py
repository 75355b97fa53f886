"""The Liquid that templates are written in: its tags and filters, and the limits that it runs under."""

from __future__ import annotations

from typing import ClassVar, TextIO

from liquid import Environment, RenderContext, StrictUndefined
from liquid.builtin.output import Output, OutputNode
from liquid.builtin.tags.echo_tag import EchoNode, EchoTag
from liquid.exceptions import LiquidError
from liquid.token import Token

from bookward.engine.filters import FILTERS, TEXT_LIMIT, text_of

LOOP_LIMIT = 10_000  #: most turns of all nested loops together
_PSEUDO_TAGS = ("content", "output", "illegal")  # what python-liquid calls text, {{ }} and all unknown tags
_TAGS = (
    "if",
    "unless",
    "case",
    "for",
    "break",
    "continue",
    "assign",
    "capture",
    "comment",
    "#",
    "doc",
    "liquid",
)


class _OutputNode(OutputNode):
    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        return buffer.write(text_of(self.expression.evaluate(context)))


class _EchoNode(EchoNode):
    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        return buffer.write(text_of(self.expression.evaluate(context)))


class _Output(Output):
    node_class = _OutputNode


class _Echo(EchoTag):
    node_class = _EchoNode


class _Environment(Environment):
    loop_iteration_limit: ClassVar[int | None] = LOOP_LIMIT
    output_stream_limit: ClassVar[int | None] = TEXT_LIMIT
    local_namespace_limit: ClassVar[int | None] = 10 * TEXT_LIMIT

    def setup_tags_and_filters(self, *, extra: bool = False) -> None:
        super().setup_tags_and_filters(extra=extra)
        self.tags = {name: self.tags[name] for name in (*_PSEUDO_TAGS, *_TAGS)}
        self.add_tag(_Output)
        self.add_tag(_Echo)
        self.filters = dict(FILTERS)

    def error(
        self, exc: type[LiquidError] | LiquidError, msg: str | None = None, token: Token | None = None
    ) -> None:
        # An expression that ends too early has no place of its own: the statement around it has.
        if isinstance(exc, LiquidError) and token is not None and place_of(exc) < 0:
            exc.token = token
        super().error(exc, msg, token)


def place_of(error: LiquidError) -> int:
    """Return the index in the template's text that an error points at, -1 for its end."""
    return error.token.start_index if error.token is not None else -1


LIQUID = _Environment(undefined=StrictUndefined, autoescape=False, strict_filters=True)
