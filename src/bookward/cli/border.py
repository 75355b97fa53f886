"""The border that every error crosses: one block that says what happened and what to do."""

from __future__ import annotations

import os
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path

import click

import bookward
from bookward import __version__
from bookward.cli.exitcodes import ExitCode, code_of
from bookward.cli.session import Session
from bookward.documents import error_document
from bookward.errors import BookwardError

DEBUG = "BOOKWARD_DEBUG"
_HOME = Path(bookward.__file__).parent


def guarded(verb: Callable[[], object], session: Session, arguments: Sequence[str]) -> int:
    """Run a verb and return the exit code of the process, whatever becomes of it.

    Args:
        verb: returns an exit code, or None for "all well".
        session: where errors are shown.
        arguments: the words of the command line, to know whether JSON was asked for when they are wrong.
    """
    try:
        code = verb()
        return code if isinstance(code, int) else ExitCode.OK
    except BookwardError as error:
        show_error(session, error.code, error.message, error.remedy)
        return code_of(error)
    except click.ClickException as error:
        session.json = session.json or "--json" in arguments
        show_error(session, "usage", error.format_message(), _usage_remedy(error))
        return ExitCode.USAGE
    except (click.Abort, KeyboardInterrupt):
        _tell_stopped(session)
        return ExitCode.STOPPED
    except Exception as error:  # noqa: BLE001 - the last border: whatever it is, a person reads it
        _show_fault(session, error)
        return ExitCode.FAILED


def show_error(session: Session, code: str, message: str, remedy: str) -> None:
    """Show what happened and what to do, as JSON on stdout when that was asked for."""
    if session.json:
        session.terminal.document({"error": error_document(code, message, remedy)})
        return
    from bookward.cli.render.errors import error_block

    session.terminal.tell(error_block(message, remedy, code))


def _usage_remedy(error: click.ClickException) -> str:
    context = error.ctx if isinstance(error, click.UsageError) else None
    return f"`{context.command_path if context else 'bookward'} --help` shows how it is used."


def _tell_stopped(session: Session) -> None:
    said = f"Stopped. {session.parting}".strip()
    if session.json:
        session.terminal.document({"error": error_document("stopped", said, "")})
    else:
        session.terminal.tell(said)


def _show_fault(session: Session, error: Exception) -> None:
    # Only OSError's text is shown: that of other people's exceptions may quote secrets or rows.
    if os.environ.get(DEBUG):
        traceback.print_exception(error)
    what = f"{type(error).__name__}: {error.strerror}" if isinstance(error, OSError) else type(error).__name__
    show_error(
        session,
        "fault",
        f"A fault in Bookward {__version__}: {what}{_place(error)}.",
        f"Set {DEBUG}=1 and run it again to see the traceback. Please report it with the version and the "
        "traceback, after a look that it holds nothing private. Nothing is lost: the next run settles what "
        "was sent.",
    )


def _place(error: Exception) -> str:
    frames = [(Path(frame.filename), frame.lineno) for frame in traceback.extract_tb(error.__traceback__)]
    ours = [(file.relative_to(_HOME), line) for file, line in frames if file.is_relative_to(_HOME)]
    return f" at {ours[-1][0]}:{ours[-1][1]}" if ours else ""


def close_quietly() -> None:
    """Let nobody notice that whoever read our output is gone."""
    # What is still buffered would make Python complain at exit. Source: Python, Note on SIGPIPE.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
