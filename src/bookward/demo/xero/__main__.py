"""``python -m bookward.demo.xero --port 8400 --data DIR``: a local Xero in a process of its own."""

from __future__ import annotations

import argparse
import signal
import sys
from pathlib import Path
from threading import Event

try:
    from bookward.demo.xero.server import LocalXero
except ModuleNotFoundError as missing:
    sys.exit(f"The local Xero needs the package {missing.name!r}. Run: pip install 'bookward[demo]'")


def main(arguments: list[str] | None = None) -> None:
    """Serve until interrupted; the first line printed is the address."""
    parser = argparse.ArgumentParser(prog="python -m bookward.demo.xero", description="A local Xero.")
    parser.add_argument("--port", type=int, default=8400, help="0 for any that is free (default: 8400)")
    parser.add_argument("--data", type=Path, help="folder that keeps the company (default: in memory)")
    given = parser.parse_args(arguments)
    ended = Event()
    path = given.data / "xero.sqlite" if given.data else None
    try:
        with LocalXero.running(path, port=given.port) as xero:
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, lambda *_: ended.set())
            sys.stdout.write(f"{xero.url}\n")
            sys.stdout.flush()
            ended.wait()
    except OSError as error:
        parser.error(f"cannot serve on port {given.port}: {error}")


if __name__ == "__main__":
    main()
