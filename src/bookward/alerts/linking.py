"""What to do, for people who get a link with it: what the app shows there, in place of a command."""

from __future__ import annotations

import re

_SHOWN = "the page that the link leads to"
_INSTEAD = tuple(
    (re.compile(command), instead)
    for command, instead in (
        (r"`bookward rows [^`]*`", _SHOWN),
        (r"`bookward calls [^`]*`", _SHOWN),
        (r"`bookward schedule`", _SHOWN),
        (r"`bookward check`", _SHOWN),
        (r"Run `bookward connect [^`]*`", "Press Connect on the page of the destination"),
        (r"(?<!or run )`bookward connect [^`]*`", "the button Connect on the page of the destination"),
        (r"`bookward preview[^`]*`", "Preview on the page of the model"),
        (r"`bookward run( [\w-]+)?`", "Run on the page of the sync"),
    )
)
_BEGINNING = re.compile(r"(^|\. )the ")


def behind_link(remedy: str) -> str:
    """Return what to do with what the app has in place of commands; a command that it has not stays."""
    for command, instead in _INSTEAD:
        remedy = command.sub(instead, remedy)
    return _BEGINNING.sub(r"\1The ", remedy)
