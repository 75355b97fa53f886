"""Write the reference pages that come from the code: errors, commands, settings, files, Xero's objects.

Without arguments the pages are written anew; with ``--check`` nothing is written and the exit code is 1 when
a page is stale.
"""

from __future__ import annotations

import argparse
import inspect
import json
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import click
from object_pages import object_pages
from pydantic import BaseModel
from source_facts import ABOUT

from bookward import errors
from bookward.alerts.channels.webhook import AlertBody, DigestBody
from bookward.cli.command import Verb
from bookward.cli.exitcodes import MEANINGS
from bookward.cli.main import VERBS, command_line, load
from bookward.destinations.base import destination_classes
from bookward.settings import SETTINGS
from bookward.sources.base import source_classes
from bookward.spec import mapping
from bookward.spec.alert import ALERT_SPECS, AlertSpec
from bookward.spec.model import ModelSpec
from bookward.spec.project import ProjectSpec
from bookward.spec.sync import SyncSpec
from bookward.spec.triggers import Triggers

FOLDER = Path(__file__).parent.parent / "docs" / "reference"

_MAPPINGS = (mapping.ColumnMapping, mapping.ConstantMapping, mapping.TemplateMapping, mapping.EachMapping)

_ON_THEIR_OWN = {"FieldMapping", *(kind.__name__ for kind in _MAPPINGS), Triggers.__name__}
"""Definitions that have a section of their own, wherever they may stand."""

_WRITTEN = "<!-- Written by scripts/reference.py: change the code, then run `make docs`. -->"


def pages() -> dict[str, str]:
    """Return every page by its file name."""
    writers = {
        "errors.md": errors_page,
        "cli.md": cli_page,
        "settings.md": settings_page,
        "project-files.md": project_files_page,
        "alert-webhook.md": webhook_page,
    }
    lines = {name: writer() for name, writer in writers.items()} | object_pages() | source_pages()
    return {name: "\n".join([_WRITTEN, "", *page]).rstrip() + "\n" for name, page in lines.items()}


# Errors


def groups() -> list[type[errors.BookwardError]]:
    """Return the groups of errors, each being what the caller should do."""
    return errors.BookwardError.__subclasses__()


def leaves(group: type[errors.BookwardError]) -> list[type[errors.BookwardError]]:
    """Return the errors of a group, in the order of their file."""
    return [leaf for leaf in group.__subclasses__() if leaf.__module__.startswith(errors.__name__)]


def errors_page() -> Iterator[str]:
    """Yield the page on errors."""
    yield "# Errors"
    yield ""
    yield "Every error has a code that never changes, says what happened, and says what to do. The groups are"
    yield "the answers to the question what to do about it."
    for group in groups():
        yield ""
        yield f"## {group.__name__}"
        yield ""
        yield _sentence(group)
        yield ""
        yield "| code | what happened | what to do |"
        yield "|---|---|---|"
        for leaf in leaves(group):
            yield f"| `{leaf.code}` | {_cell(_sentence(leaf))} | {_cell(leaf.remedy)} |"


def _sentence(thing: type) -> str:
    return " ".join(inspect.cleandoc(thing.__doc__ or "").split()).replace("``", "`")


# Command line


def cli_page() -> Iterator[str]:
    """Yield the page on the command line."""
    yield "# Command line"
    yield ""
    yield "```"
    yield "bookward [OPTIONS] VERB ..."
    yield "```"
    yield ""
    yield from _options(command_line)
    yield ""
    yield from _exit_codes()
    yield ""
    yield from _json_rules()
    for group, verbs in VERBS.items():
        yield ""
        yield f"## {group}"
        for name in verbs:
            yield ""
            yield from _verb(load(name))


def _exit_codes() -> Iterator[str]:
    yield "## Exit codes"
    yield ""
    yield "| code | meaning |"
    yield "|---|---|"
    for code, meaning in MEANINGS.items():
        yield f"| {int(code)} | {meaning} |"
    yield ""
    yield "`run` with several syncs, or all, ends with the worst of them: 1, then 2, 4, 3, 0."


def _json_rules() -> Iterator[str]:
    yield "## JSON"
    yield ""
    yield "With `--json` a verb writes one JSON document to stdout and nothing else; progress goes to stderr,"
    yield "and only when that is a terminal. Money is written as the number that it is, moments in ISO 8601"
    yield "with their zone. An error is a document too, with the exit code that it has without `--json`:"
    yield ""
    yield "```json"
    yield '{"error": {"code": "not_connected", "message": "...", "remedy": "..."}}'
    yield "```"
    yield ""
    yield "Codes are those of [the errors](errors.md), and three more: `usage` (wrong usage), `stopped`"
    yield "(Ctrl-C) and `fault` (a fault in Bookward itself). `run` has the error of the first sync that"
    yield "could not begin there, beside the results of the others; what ended a run stands in that run."


def _verb(verb: click.Command) -> Iterator[str]:
    assert isinstance(verb, Verb)
    context = click.Context(
        verb, info_name=str(verb.name), parent=click.Context(command_line, info_name="bookward")
    )
    yield f"### {verb.name}"
    yield ""
    yield "```"
    yield " ".join(["bookward", str(verb.name), *verb.collect_usage_pieces(context)])
    yield "```"
    yield ""
    yield inspect.cleandoc(verb.help or "")
    yield ""
    yield from _options(verb)
    yield ""
    yield "| example | |"
    yield "|---|---|"
    for words, meaning in verb.examples:
        yield f"| `bookward {words}` | {_cell(meaning)} |"
    yield ""
    yield f"Exit codes: {', '.join(str(int(code)) for code in verb.exits)}."


def _options(command: click.Command) -> Iterator[str]:
    yield "| option | |"
    yield "|---|---|"
    for option in command.params:
        if isinstance(option, click.Option):
            default = f" Default: {option.default}." if option.show_default else ""
            value = "" if option.is_flag else f" {option.metavar or ''}".rstrip()
            yield f"| `{', '.join(option.opts)}{value}` | {_cell((option.help or '') + default)} |"


# Settings


def settings_page() -> Iterator[str]:
    """Yield the page on the environment."""
    yield "# Settings"
    yield ""
    yield "What the environment can set. Everything else stands in [the project's files](project-files.md)."
    yield ""
    yield "| variable | default | |"
    yield "|---|---|---|"
    for setting in SETTINGS:
        default = f"`{setting.default}`" if setting.default else ""
        yield f"| `{setting.name}` | {default} | {_cell(setting.help)} |"


# Project files


def project_files_page() -> Iterator[str]:
    """Yield the page on the project's files."""
    yield "# Project files"
    yield ""
    yield "A project is a folder; a file's name without its ending is the slug by which other files call it."
    yield "An unknown key is an error. Secrets are written as `${NAME}` and come from the environment, from"
    yield "`.env`, or from what `bookward secret set NAME` sealed, in this order; no file takes what begins"
    yield "with `BOOKWARD_`, the settings of Bookward itself. `bookward schema` writes the same for editors,"
    yield "as JSON Schemas."
    yield from _spec("`project.yaml`", ProjectSpec)
    yield ""
    yield "## `sources/*.yaml`"
    yield ""
    yield "Each kind of source has [a page of its own](sources/index.md)."
    yield from _spec("`models/*.yaml`", ModelSpec)
    for name, destination in sorted(destination_classes().items()):
        yield from _spec(f"`destinations/*.yaml`, type `{name}`", destination.spec_class)
    yield from _spec("`syncs/*.yaml`", SyncSpec)
    yield from _spec("`alerts/*.yaml`", AlertSpec)
    shared = AlertSpec.model_fields.keys() - {"type"}
    for name, alert in ALERT_SPECS.items():
        yield from _spec(f"`alerts/*.yaml`, type `{name}`", alert, but=shared)
    yield from _spec("Triggers", Triggers)
    yield ""
    yield "## Mappings"
    yield ""
    yield "The value of a field is a column's name, one of the mappings below, or an object or list of"
    yield "objects whose members are mapped in the same way."
    for kind in _MAPPINGS:
        yield from _spec(f"`{next(iter(kind.model_fields))}`", kind, level="###")


# Sources


def source_pages() -> dict[str, Iterator[str]]:
    """Return the page of every kind of source, and the page that lists them."""
    kinds = sorted(source_classes().items())
    pages = {f"sources/{name}.md": _source(name, kind.spec_class) for name, kind in kinds}
    return {"sources/index.md": _sources([name for name, _ in kinds]), **pages}


def _sources(names: Iterable[str]) -> Iterator[str]:
    yield "# Sources"
    yield ""
    yield "| type | | install | tested by | in | against |"
    yield "|---|---|---|---|---|---|"
    for name in names:
        about = ABOUT[name]
        install = f"`pip install 'bookward[{about.extra}]'`" if about.extra else "comes with Bookward"
        against = " ".join(about.tested.split())
        row = (f"[`{name}`]({name}.md)", about.title, install, about.how, f"`{about.tests}`", against)
        yield f"| {' | '.join(row)} |"
    yield ""
    yield "Databases go through one battery of tests (`tests/contract/sources`): types, nulls, exact"
    yield "decimals, times, constant memory, nothing written, and never a short result taken for whole."
    yield "Files, SQLite, documents and services, whose types are their own, have tests of the same promises."
    yield ""
    yield "Every source has `max_rows` and `max_bytes`. A model that gives more stops its sync with the error"
    yield "`read_too_large`: nothing is sent, and no row that did not come is taken for removed. Without them"
    yield "a model may be of any size. With `diff: warehouse`, what leaves the warehouse counts; of tables"
    yield "that are brought over whole and queried here, what the query gives."
    yield ""
    yield "Servers are told who asks: `bookward` is the name of the application or client, or stands in the"
    yield "query's label, tag or comment, wherever there is such a thing."


def _source(name: str, spec: type[BaseModel]) -> Iterator[str]:
    about = ABOUT[name]
    yield f"# {about.title}"
    yield from _spec(f"`sources/*.yaml`, type `{name}`", spec)
    yield ""
    yield f"Tested by {about.how} (`{about.tests}`): {about.tested}."
    for note in about.notes:
        yield ""
        yield note


# Webhooks


def webhook_page() -> Iterator[str]:
    """Yield the page on what a webhook is told."""
    yield "# The body of an alert's webhook"
    yield ""
    yield "How it is signed, and what is promised, says [the page on alerts](../alerts.md)."
    yield ""
    yield "```json"
    yield json.dumps(AlertBody.model_json_schema(mode="serialization"), indent=2)
    yield "```"
    yield ""
    yield "A [digest](../alerts.md#digests) has this one:"
    yield ""
    yield "```json"
    yield json.dumps(DigestBody.model_json_schema(mode="serialization"), indent=2)
    yield "```"


def _spec(title: str, spec: type[BaseModel], level: str = "##", but: Collection[str] = ()) -> Iterator[str]:
    """Yield the section of a specification, without the keys that another section tells."""
    schema = spec.model_json_schema()
    yield ""
    yield f"{level} {title}"
    yield ""
    yield inspect.cleandoc(spec.__doc__ or "")
    yield ""
    yield "| key | value | default | |"
    yield "|---|---|---|---|"
    definitions = schema.get("$defs", {})
    # A specification that may hold itself is one of the definitions.
    own = definitions.get(spec.__name__, schema)
    told = {name: part for name, part in own["properties"].items() if name not in but}
    yield from _keys({**own, "properties": told}, definitions)


def _keys(schema: Mapping[str, Any], definitions: Mapping[str, Any], path: str = "") -> Iterator[str]:
    """Yield a line for every key of a specification, and for the keys of those inside of it."""
    for name, part in schema["properties"].items():
        default = "**required**" if name in schema.get("required", ()) else _default(part)
        kind, says = _kind(part, definitions), part.get("description", "")
        yield f"| `{path}{name}` | {_cell(kind)} | {default} | {_cell(says)} |"
        for inside, inner in _inside(part, f"{path}{name}"):
            found = definitions[inside]
            if inside not in _ON_THEIR_OWN and "properties" in found:
                yield from _keys(found, definitions, inner)


def _inside(part: Mapping[str, Any], path: str) -> Iterator[tuple[str, str]]:
    """Yield the definitions that may stand under a key, each with the path of its own keys."""
    if "$ref" in part:
        yield part["$ref"].rpartition("/")[2], f"{path}."
    for each in (*part.get("anyOf", ()), *part.get("oneOf", ())):
        yield from _inside(each, path)
    if isinstance(part.get("items"), dict):  # of a list
        yield from _inside(part["items"], path)
    if isinstance(part.get("additionalProperties"), dict):  # under names that people choose
        yield from _inside(part["additionalProperties"], f"{path}.NAME")


def _default(part: Mapping[str, Any]) -> str:
    value = part.get("default")
    if value is None or value in ("", {}):
        return ""
    words = value if isinstance(value, list) else [value]
    return ", ".join(f"`{str(word).lower() if isinstance(word, bool) else word}`" for word in words)


def _kind(part: Mapping[str, Any], definitions: Mapping[str, Any]) -> str:
    """Return in words what may stand under a key."""
    if "$ref" in part:
        name = part["$ref"].rpartition("/")[2]
        return "mapping" if name == "FieldMapping" else _kind(definitions[name], definitions)
    if "const" in part or "enum" in part:
        return _one_of(f"`{choice}`" for choice in part.get("enum", [part.get("const")]))
    for several in ("anyOf", "oneOf"):
        if several in part:
            return _one_of(_kind(each, definitions) for each in part[several] if each.get("type") != "null")
    if part.get("type") == "array":
        return f"list of {_kind(part['items'], definitions)}"
    if part.get("type") == "object" and "properties" in part:
        return "object of " + ", ".join(f"`{name}`" for name in part["properties"])
    if part.get("type") == "object":
        return f"field: {_kind(part['additionalProperties'], definitions)}"
    words = {"string": "text", "boolean": "true or false", "integer": "whole number", "number": "number"}
    return words[part["type"]]


def _one_of(choices: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(choices))


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def main() -> int:
    """Write or check the pages and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing; fail when a page is stale")
    check = parser.parse_args().check
    stale = []
    for name, text in pages().items():
        file = FOLDER / name
        if not file.is_file() or file.read_text(encoding="utf-8") != text:
            stale.append(name)
            if not check:
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(text, encoding="utf-8", newline="\n")
    for name in stale:
        print(f"{name}: {'stale; run `make docs`' if check else 'written'}")
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
