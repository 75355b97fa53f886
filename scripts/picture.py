"""Draw the picture of the terminal that the README shows: the demo, as it ran just now.

python scripts/picture.py     # writes docs/demo.svg
"""

from __future__ import annotations

import re
from io import StringIO
from pathlib import Path

from rich.console import Console

from bookward.demo.story import run_demo

_FONT = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)  # rich names fonts on the network; the page has none


def main() -> None:
    """Run the demo and write its picture."""
    console = Console(record=True, width=92, file=StringIO(), force_terminal=False)
    run_demo(console, once=True)
    drawing = _FONT.sub("", console.export_svg(title="make demo"))
    Path("docs/demo.svg").write_text(drawing, encoding="utf-8")


if __name__ == "__main__":
    main()
