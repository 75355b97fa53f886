"""What setting up says: files written, addresses to open, organisations to choose from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from bookward.cli.render.text import cell, clean, counted, prose
from bookward.records import SignedOut


def starter_view(folder: Path, files: Sequence[Path]) -> Iterator[RenderableType]:
    """Yield the files of a new project and the next steps."""
    yield from written_view(files)
    yield ""
    yield Text("Next:", style="bold")
    steps = Table.grid(padding=(0, 2, 0, 0))
    steps.add_row(cell(f"cd {folder}", "cyan"), "")
    steps.add_row(cell("bookward preview users", "cyan"), "the sample warehouse needs nothing else")
    steps.add_row(cell("cp .env.example .env", "cyan"), "then fill in your Xero app's id and secret")
    steps.add_row(cell("bookward check", "cyan"), "is everything right?")
    steps.add_row(cell("bookward schema", "cyan"), "completion in your editor")
    yield Padding(steps, (0, 0, 0, 2))


def written_view(files: Sequence[Path]) -> Iterator[RenderableType]:
    """Yield the files that were written."""
    for file in files:
        yield Text(f"  {clean(file)}", overflow="fold")
    yield Text(f"{counted(len(files), 'file')} written.", style="green")


def address_view(address: str, *, opened: bool) -> Iterator[RenderableType]:
    """Yield the address at which a person grants access."""
    yield Text("Your browser opens this address; grant access there:" if opened else "Open this address:")
    yield Text(clean(address), style="cyan", no_wrap=True)
    yield Text("Waiting for the browser to come back. Ctrl-C gives up.", style="dim")


def choices_view(names: Sequence[str]) -> Table:
    """Return organisations with the numbers to choose them by."""
    table = Table.grid(padding=(0, 2, 0, 0))
    for number, name in enumerate(names, 1):
        table.add_row(Text(str(number), style="cyan"), cell(name))
    return table


def connected_view(destination: str, organisation: str) -> Text:
    """Return that the sign-in went well."""
    return Text.assemble(
        ("Connected: ", "bold green"), clean(destination), " writes to ", (clean(organisation), "bold"), "."
    )


def disconnected_view(destination: str, done: SignedOut, connect: str) -> Iterator[RenderableType]:
    """Yield what signing out did; ``connect`` is the command that signs in again."""
    organisation = clean(done.organisation.name)
    yield Text.assemble(
        ("Disconnected: ", "bold green"), clean(destination), " from ", (organisation, "bold"), "."
    )
    if done.connection_ended:
        yield Text("  The connection was ended at the destination.")
    if done.sign_in_revoked:
        yield Text("  The sign-in was revoked, and with it all that its user gave the app.")
    for remark in done.remarks:
        yield prose(f"  {remark}", "yellow")
    yield Text("  The tokens are forgotten. History, snapshots and plans are kept.")
    yield Text.assemble("Go on later:  ", (connect, "cyan"), overflow="fold")
