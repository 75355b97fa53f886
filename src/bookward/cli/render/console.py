"""The console that everything is printed on."""

from __future__ import annotations

from rich.console import Console


class PlainConsole(Console):
    """A console on which data stays data: no markup, no emoji codes, no guessing what deserves a colour."""

    def __init__(self, *, stderr: bool, color: bool) -> None:
        """Print to stdout or stderr; ``color`` false takes the colours away even on a terminal."""
        super().__init__(
            stderr=stderr, no_color=None if color else True, markup=False, emoji=False, highlight=False
        )

    def on_broken_pipe(self) -> None:
        """Leave it to the border; Rich would end the process here, with the code of a failed run."""
        raise BrokenPipeError
