"""Every command line of docs/orchestrators.md is one that the real parser takes; its Python compiles."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

from bookward.cli.main import load

PAGE = (Path(__file__).parents[2] / "docs" / "orchestrators.md").read_text(encoding="utf-8")


def test_python_compiles() -> None:
    blocks = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    assert len(blocks) == 3
    for block in blocks:
        compile(block, "orchestrators.md", "exec")


def test_command_lines_are_taken() -> None:
    lines = re.findall(r"\bbookward ((?:run|plan|check) [^`\"\n|]*)", PAGE)
    listed = [json.replace('", "', " ") for json in re.findall(r'"bookward", "([^\]]*)"\]', PAGE)]
    assert (len(lines), len(listed)) == (4, 2)
    for line in lines + listed:
        name, *words = shlex.split(line)
        context = load(name).make_context(name, words, resilient_parsing=False)
        assert (context.params["syncs"], context.params["wait"]) == (("contacts",), True)
