"""``${NAME}`` in a project's files: what it stands for, and never a word of it anywhere else."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from dotenv.parser import parse_stream

from bookward.nearest import did_you_mean
from bookward.project.document import Document, Node, Where
from bookward.project.text import file_problem, read_text
from bookward.records import Problem
from bookward.settings import is_own

ENV_FILE = ".env"

_REFERENCE = re.compile(r"\$\$\{|\$\{(?P<name>[A-Za-z_][A-Za-z0-9_]*)\}|\$\{")


def refers(text: object) -> bool:
    """Say whether a value of a file takes something from the environment."""
    return isinstance(text, str) and any(found["name"] for found in _REFERENCE.finditer(text))


def names_in(node: Node) -> frozenset[str]:
    """Return the names of all references in a document or a part of it."""
    match node.content:
        case dict() as members:
            return frozenset[str]().union(*(names_in(member.node) for member in members.values()))
        case list() as items:
            return frozenset[str]().union(*map(names_in, items))
        case str() as text:
            return frozenset(found["name"] for found in _REFERENCE.finditer(text) if found["name"])
    return frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """A document after its references were replaced."""

    values: dict[str, Any] = field(repr=False)
    problems: list[Problem]
    failed: frozenset[Where]  #: where a reference could not be replaced
    used: Mapping[Where, Mapping[str, str]] = field(repr=False)  #: where which names were replaced by what

    def covered(self, text: str, where: Where) -> str:
        """Return ``text`` with what was filled in at ``where`` or below replaced by its name again."""
        for place, names in self.used.items():
            if place[: len(where)] == where:
                # The longest first: one secret may be the beginning of another.
                for name in sorted(names, key=lambda name: -len(names[name])):
                    text = text.replace(names[name], f"${{{name}}}")
        return text


@dataclass(frozen=True, slots=True, kw_only=True)
class Secrets:
    """Where references are looked up: the environment, then the project's ``.env``, then what is sealed."""

    environ: Mapping[str, str] = field(repr=False)
    sealed: Callable[[str], str | None] = field(default=lambda _: None, repr=False)
    dotenv: Mapping[str, str] = field(default_factory=dict, repr=False)
    problems: tuple[Problem, ...] = ()

    @classmethod
    def read(
        cls, root: Path, environ: Mapping[str, str], sealed: Callable[[str], str | None] = lambda _: None
    ) -> Self:
        """Return the secrets of the project in ``root``; an unreadable line of `.env` is a problem."""
        file = root / ENV_FILE
        if _absent(file):
            return cls(environ=environ, sealed=sealed)
        text = read_text(file, ENV_FILE)
        if isinstance(text, Problem):
            return cls(environ=environ, sealed=sealed, problems=(text,))
        values, problems = _parse(text)
        return cls(environ=environ, sealed=sealed, dotenv=values, problems=tuple(problems))

    def get(self, name: str) -> str | None:
        """Return the value of a name, None when nothing sets it."""
        value = self.environ.get(name, self.dotenv.get(name))
        return self.sealed(name) if value is None else value

    def fill(self, document: Document) -> Filled:
        """Return the values of a document with every ``${NAME}`` replaced and ``$${`` taken literally."""
        filling = _Filling(self, document)
        values = filling.value(document.root, ())
        return Filled(
            values=values,
            problems=filling.problems,
            failed=frozenset(filling.failed),
            used=filling.used,
        )

    def missing(self, name: str) -> tuple[str, str]:
        """Return what to say about a name that has no value, and the remedy."""
        remedy = (
            f"Put a line {name}=... into {ENV_FILE} in the project folder, export {name}, or seal it: "
            f"`bookward secret set {name}`, or in the web app under Settings, Secrets."
        )
        if self.get(name) is not None:
            place = "the environment" if name in self.environ else ENV_FILE
            return f"${{{name}}} is empty in {place}.", remedy
        near = did_you_mean(name, self.dotenv)
        said = f"${{{name}}} is not set, neither in the environment nor in {ENV_FILE}. {near}"
        return said.rstrip(), remedy


def _absent(file: Path) -> bool:
    try:
        return not file.exists() or file.is_dir()  # some keep a virtual environment under that name
    except OSError:
        return False


def _parse(text: str) -> tuple[dict[str, str], list[Problem]]:
    values: dict[str, str] = {}
    problems = []
    for binding in parse_stream(io.StringIO(text)):
        if binding.error:
            problems.append(
                file_problem(
                    ENV_FILE,
                    "This line is not NAME=value.",
                    "Correct it; a value with quotes or line ends inside must stand in quotes itself.",
                    line=binding.original.line,
                )
            )
        elif binding.key is not None and binding.value is not None:
            values[binding.key] = binding.value
    return values, problems


class _Filling:
    """The replacing of references in one document."""

    def __init__(self, secrets: Secrets, document: Document) -> None:
        self.failed: set[Where] = set()
        self.used: dict[Where, dict[str, str]] = {}
        self._told: dict[Problem, None] = {}  # in order, and once however often a name stands in a text
        self._secrets = secrets
        self._document = document

    @property
    def problems(self) -> list[Problem]:
        return list(self._told)

    def value(self, node: Node, where: Where) -> Any:
        match node.content:
            case dict() as members:
                return {key: self.value(member.node, (*where, key)) for key, member in members.items()}
            case list() as items:
                return [self.value(item, (*where, index)) for index, item in enumerate(items)]
            case str() as text:
                return _REFERENCE.sub(lambda found: self._replace(found, where), text)
            case scalar:
                return scalar

    def _replace(self, found: re.Match[str], where: Where) -> str:
        if found[0] == "$${":
            return "${"
        name = found["name"]
        if name is None:
            self._fail(
                where,
                "A reference that begins with ${ here is not of the form ${NAME}.",
                "A name has letters, digits and underscores only; for a literal ${ write $${.",
            )
            return found[0]
        if is_own(name):
            # Whoever may edit a file could send it anywhere, and read what the server keeps from everybody.
            self._fail(
                where,
                f"${{{name}}} is one of Bookward's own settings, which no file takes.",
                "Give the value another name, one that does not begin with BOOKWARD_.",
            )
            return found[0]
        value = self._secrets.get(name)
        if not value:
            self._fail(where, *self._secrets.missing(name))
            return found[0]
        self.used.setdefault(where, {})[name] = value
        return value

    def _fail(self, where: Where, message: str, remedy: str) -> None:
        self.failed.add(where)
        problem = self._document.problem(where, message, remedy, self._document.value_place(where))
        self._told.setdefault(problem)
