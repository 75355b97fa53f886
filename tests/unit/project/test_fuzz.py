"""Whatever stands in the files: loading gives problems or specifications, and raises nothing."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import example, given
from hypothesis import strategies as st

from bookward.project.yamlfile import parse_yaml
from tests.unit.project.folders import GOOD, load, write

_PIECES = st.sampled_from(
    [
        *"\n\n \t:-?#&*!|>'\"%@`{}[],~<=",
        *(
            "  ",
            ": ",
            "- ",
            "\n  ",
            "\n- ",
            "---",
            "...",
            "<<: ",
            "&a ",
            "*a",
            "!!str ",
            "!x ",
            "${A}",
            "${",
            "$${",
        ),
        *(
            "{{ a }}",
            "|\n  x",
            ">-\n  x",
            "true",
            "null",
            "1.5",
            "1e99",
            "\\u0041",
            "\ud7ff",
            "\u2028",
            "\x85",
            "é",
        ),
        *(
            "type: server",
            "host",
            "fields:",
            "column: a",
            "value: ",
            "match: {A: b}",
            "primary_key: ",
            "sql: ",
        ),
    ]
)
_YAML_LIKE = st.lists(_PIECES, max_size=40).map("".join)
_CONTENT = st.one_of(
    st.binary(max_size=200),
    st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass")),
    _YAML_LIKE.map(str.encode),
)
_VALUES = st.recursive(
    st.sampled_from(["", "null", "true", "5", "-1.5", "x", "'${A}'", "'${NOPE}'", "'x y'", "[]", "{}"]),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(item or 'null' for item in items)}]"),
        st.dictionaries(
            st.sampled_from(
                [
                    *("column", "value", "template", "each", "fields", "total", "when_null"),
                    *("object", "list", "name", "A", "verify"),
                ]
            ),
            inner,
            max_size=3,
        ).map(lambda members: "{" + ", ".join(f"{key}: {value}" for key, value in members.items()) + "}"),
    ),
    max_leaves=6,
)
_KEYS = st.sampled_from(
    [
        *("type", "host", "port", "password", "region", "ratio", "share", "tls", "tags", "name", "nonsense"),
        *("model", "destination", "object", "mode", "match", "fields", "on_removal", "keep"),
        *("source", "primary_key", "table", "sql", "lines"),
    ]
)
_DOCUMENT = st.dictionaries(_KEYS, _VALUES, max_size=8).map(
    lambda members: "".join(f"{key}: {value}\n" for key, value in members.items()).encode()
)
_TEXT_NAMES = st.sampled_from([*sorted(GOOD), ".env"])


@given(st.one_of(st.text(max_size=300), _YAML_LIKE))
@example("a: &a\n  b: *a")
@example("a: !<tag:yaml.org,2002:int> x")
@example("%TAG ! tag:x,2000:\n---\na: !x b")
@example('a: "\\x"')
@example('a: "\\U00110000"')
@example("? ")
@example("&a a: *a\n")
@example("\ufeff")
@example("a: |9\n x")
@example("a: |0")
@example("[" * 1000)
def test_parsing_gives_a_document_or_says_why_not(text: str) -> None:
    document, problems = parse_yaml(text, "x.yaml")
    assert document or problems
    for problem in problems:
        assert problem.line >= 1
        assert problem.column >= 1
        assert problem.message
        assert problem.remedy


@given(_TEXT_NAMES, st.one_of(_CONTENT, _DOCUMENT, _DOCUMENT.map(lambda text: b"type: server\n" + text)))
def test_loading_never_raises(name: str, content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        project = load(write(Path(folder), {**GOOD, name: content}), {"A": "hunter2"})
        for problem in project.problems:
            f"{problem}".encode()
            assert "hunter2" not in f"{problem}"
            assert "Input should" not in problem.message
        kind, _, file = name.partition("/")
        if file.endswith(".yaml") and not any(problem.path.startswith(kind) for problem in project.problems):
            assert getattr(project, kind)


@given(st.lists(st.tuples(_TEXT_NAMES, st.one_of(_CONTENT, _DOCUMENT)), max_size=4))
def test_broken_files_never_hide_good_ones(changes: list[tuple[str, bytes]]) -> None:
    broken = dict(changes)
    with tempfile.TemporaryDirectory() as folder:
        files = {**GOOD, **broken, "sources/good.yaml": "type: sample\n"}
        project = load(write(Path(folder), files))
        assert "good" in project.sources
