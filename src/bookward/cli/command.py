"""How a verb is declared: a Click command that also knows its examples and its exit codes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import rich_click as click

from bookward.cli.exitcodes import MEANINGS, ExitCode
from bookward.cli.session import Session
from bookward.errors import SettingInvalid

if TYPE_CHECKING:
    from rich_click.rich_context import RichContext
    from rich_click.rich_help_formatter import RichHelpFormatter

REMOTE = frozenset({"plan", "run", "history", "rows", "calls", "retry", "check", "schedule"})
"""The verbs that can be used with ``--server``."""


class Verb(click.RichCommand):
    """A command whose help ends with examples and exit codes."""

    def __init__(
        self,
        *args: Any,
        examples: tuple[tuple[str, str], ...] = (),
        exits: tuple[ExitCode, ...] = (),
        **kwargs: Any,
    ) -> None:
        """Declare a verb.

        Args:
            *args: as for Click.
            examples: the words after ``bookward``, and what they do.
            exits: the exit codes to expect, 0 included.
            **kwargs: as for Click.
        """
        super().__init__(*args, **kwargs)
        self.examples = examples
        self.exits = exits

    def invoke(self, ctx: click.Context) -> Any:
        session = ctx.find_object(Session)
        name = ctx.command_path.split()[1]
        if session is not None and session.server is not None and name not in REMOTE:
            raise click.UsageError(f"`bookward {name}` works on files here: it cannot be used with --server.")
        return super().invoke(ctx)

    def format_epilog(self, ctx: RichContext, formatter: RichHelpFormatter) -> None:  # type: ignore[override]  # as rich-click has it
        from bookward.cli.render.help import examples_table, exits_table

        formatter.write(examples_table(self.examples))
        formatter.write(exits_table({code: MEANINGS[code] for code in self.exits}))


def verb(
    name: str, *, examples: tuple[tuple[str, str], ...], exits: tuple[ExitCode, ...]
) -> Callable[[Callable[..., Any]], Verb]:
    """Make a verb of a function; its docstring is the help."""
    return click.command(name, cls=Verb, examples=examples, exits=exits)


def _set_json(context: click.Context, _: click.Parameter, value: bool) -> None:
    if value:
        session = context.find_object(Session)
        assert session is not None
        session.json = True


json_option = click.option(
    "--json",
    is_flag=True,
    expose_value=False,
    callback=_set_json,
    help="Print one JSON document instead of text; errors too.",
)


as_new_option = click.option(
    "--as-new", is_flag=True, help="The sync is a new one, however much it looks like one that is gone."
)


new_key_option = click.option(
    "--new-key",
    is_flag=True,
    help="Go on under the model's new primary key; rows find their records anew.",
)


def limit_option(default: int, what: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return the option that says how much is shown, 0 being everything."""
    return click.option(
        "--limit",
        type=click.IntRange(min=0),
        default=default,
        show_default=True,
        metavar="N",
        help=f"Show at most N {what}; 0 shows all.",
    )


def address_of_server(_: click.Context, option: click.Parameter, value: str | None) -> str | None:
    """Return an address as ``BOOKWARD_URL`` would have it; the callback of options that say one."""
    from bookward.settings import address

    try:
        return address(option.opts[0], value or "")
    except SettingInvalid as error:
        raise click.UsageError(f"{error.message} {error.remedy}") from error


run_argument = click.argument("run", metavar="RUN")
