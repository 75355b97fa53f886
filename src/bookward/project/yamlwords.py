"""What a YAML error means, in words that help the person who wrote the file."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from ruamel.yaml.error import MarkedYAMLError

from bookward.project.document import Place


class Said(NamedTuple):
    """What is wrong and what to do."""

    message: str
    remedy: str
    where_it_began: bool = False  #: whether to point at the beginning of what is wrong, not at its end


UNQUOTED_TEMPLATE = Said(
    "A value that begins with {{ must stand in quotes, or YAML takes it for a mapping.",
    'Write "{{ column }}", with the quotes.',
)

_SAID = (
    # a part of the library's message or of its context, and what it means
    ("found character '\\t'", Said("A tab stands where YAML wants spaces.", "Replace the tab by spaces.")),
    (
        "mapping values are not allowed",
        Said(
            "A colon stands where no key can begin.",
            "Put a value that holds ': ' in quotes, or correct the indentation of this line.",
        ),
    ),
    (
        "sequence entries are not allowed",
        Said("A list cannot begin on the line of its key.", "Put '- ' on a line of its own below the key."),
    ),
    (
        "could not find expected ':'",
        Said("This line is neither 'key: value' nor '- item'.", "Complete the line or remove it.", True),
    ),
    (
        "expected the node content",
        Said("A value is missing here.", "Write the value, or remove what stands before it."),
    ),
    (
        "while parsing a flow mapping",
        Said("The { that opens here is not closed.", "Close it with }.", True),
    ),
    (
        "while parsing a flow sequence",
        Said("The [ that opens here is not closed.", "Close it with ].", True),
    ),
    (
        "while scanning a quoted scalar",
        Said("The quote that opens here is not closed.", "Close it with the same quote.", True),
    ),
    (
        "while scanning a double-quoted scalar",
        Said(
            "This text in double quotes holds a backslash that means nothing.",
            "Write two backslashes for one, or use single quotes.",
        ),
    ),
    (
        "but found '<scalar>'",
        Said(
            "Text follows a value that has ended.",
            "Put the whole value in quotes, each kind inside the other.",
        ),
    ),
    (
        "while parsing a block",
        Said(
            "The indentation of this line does not fit the lines above it.",
            "Indent it with as many spaces as its neighbours have.",
        ),
    ),
    (
        "incompatible YAML document",
        Said("This asks for a version of YAML that does not exist.", "Remove the %YAML line."),
    ),
    (
        "'<document start>'",
        Said("Something follows the end of the document.", "Remove what follows, or correct a bracket."),
    ),
)
_CANNOT_START = re.compile(r"found character '(.)' that cannot start any token")
_BARE_TEMPLATE = re.compile(r"(:|-)\s+\{\{")


def said_about(error: MarkedYAMLError, text: str) -> tuple[Said, Place]:
    """Return what is wrong and where."""
    said = _meaning(error, text)
    marks = [error.problem_mark, error.context_mark]
    if said.where_it_began:
        marks.reverse()
    return said, next((_place(mark) for mark in marks if mark), Place(1, 1))


def _meaning(error: MarkedYAMLError, text: str) -> Said:
    problem = str(error.problem or "")
    if error.problem_mark and bare_template(text, error.problem_mark.line):
        return UNQUOTED_TEMPLATE
    told = f"{problem}\n{error.context or ''}"
    return next((said for part, said in _SAID if part in told), None) or _otherwise(problem)


def bare_template(text: str, line: int) -> bool:
    """Say whether a value on that line (from 0) begins with two braces."""
    lines = text.split("\n")
    return line < len(lines) and _BARE_TEMPLATE.search(lines[line]) is not None


def _otherwise(problem: str) -> Said:
    start = _CANNOT_START.search(problem)
    if start:
        return Said(f"A value cannot begin with {start[1]} unless it stands in quotes.", "Put it in quotes.")
    return Said(f"This is not YAML: {problem or 'it cannot be read'}.", "Correct the line.")


def _place(mark: Any) -> Place:
    return Place(mark.line + 1, mark.column + 1)
