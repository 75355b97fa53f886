from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from bookward.project.project import Project
from bookward.records import SpecProblem
from bookward.spec.mapping import ColumnMapping, ConstantMapping
from tests.unit.project.folders import GOOD, SampleSpec, ServerSpec, said

Build = Callable[..., Project]

SYNC = GOOD["syncs/users.yaml"]


def test_a_good_project_loads_whole(project_with: Build) -> None:
    project = project_with({})
    assert project.problems == ()
    assert project.spec is not None
    assert project.spec.name == "Test"
    assert project.sources == {"warehouse": SampleSpec(type="sample")}
    assert project.models["users"].sql == "SELECT *\nFROM users\n"
    assert project.models["users"].primary_key == ["id"]
    assert project.syncs["users"].fields["FirstName"] == ColumnMapping(column="first_name", when_null="clear")
    assert set(project.destinations) == {"xero"}


def test_money_in_a_constant_stays_exact(project_with: Build) -> None:
    project = project_with({"syncs/users.yaml": SYNC + "  Rate: {value: 1.10}\n"})
    constant = project.syncs["users"].fields["Rate"]
    assert isinstance(constant, ConstantMapping)
    assert isinstance(constant.value, Decimal)
    assert str(constant.value) == "1.10"


def test_a_code_in_a_constant_keeps_its_zeros(project_with: Build) -> None:
    project = project_with({"syncs/users.yaml": SYNC + "  Code: {value: 0200}\n"})
    assert project.syncs["users"].fields["Code"] == ConstantMapping(value="0200")


def test_numbers_with_a_point_fit_fields_of_any_number(project_with: Build) -> None:
    text = "type: server\nhost: x\nratio: 0.10\nshare: 0.02\n"
    spec = project_with({"sources/s.yaml": text}).sources["s"]
    assert isinstance(spec, ServerSpec)
    assert (str(spec.ratio), spec.share) == ("0.10", 0.02)


def test_one_broken_file_stops_no_other(project_with: Build) -> None:
    project = project_with(
        {
            "project.yaml": "nam: x\n",
            "sources/a.yaml": "\ttype: sample",
            "models/b.yaml": "source: warehouse\nprimary_key: [\n",
            "models/b.sql": "SELECT 1",
            "destinations/c.yaml": "type: xeero\n",
            "syncs/d.yaml": "",
        }
    )
    assert set(project.sources) == {"warehouse"}
    assert set(project.models) == set(project.syncs) == {"users"}
    assert set(project.destinations) == {"xero"}
    assert project.spec is None
    assert said(project) == [
        "destinations/c.yaml:1:7: There is no type 'xeero'. Did you mean 'xero'?",
        "models/b.yaml:3:1: A value is missing here.",
        "project.yaml:1:1: The key 'name' is missing.",
        "project.yaml:1:1: Unknown key 'nam'. Did you mean 'name'?",
        "sources/a.yaml:1:1: A tab stands where YAML wants spaces.",
        "syncs/d.yaml:1:1: syncs/d.yaml is empty.",
    ]


def test_all_problems_of_one_file_come_at_once_in_order(project_with: Build) -> None:
    text = (
        "modle: users\n"
        "destination: xreo\n"
        "object: 5\n"
        "mode: upsrt\n"
        "match: {}\n"
        "fields:\n"
        "  A: {column: a, when_nul: omit}\n"
        "  B: 5\n"
        "  B: x\n"
        "on_removal: [keep]\n"
    )
    project = project_with({"syncs/users.yaml": text})
    assert said(project) == [
        "syncs/users.yaml:1:1: The key 'model' is missing.",
        "syncs/users.yaml:1:1: Unknown key 'modle'. Did you mean 'model'?",
        "syncs/users.yaml:2:14: There is no destination 'xreo'. Did you mean 'xero'?",
        "syncs/users.yaml:3:9: 'object' must be text, but is the number 5.",
        (
            "syncs/users.yaml:4:7: 'mode' must be one of the allowed values, but is the text 'upsrt'."
            " Did you mean 'upsert'?"
        ),
        "syncs/users.yaml:5:8: 'match' must have at least 1 entry, but has 0.",
        "syncs/users.yaml:7:18: Unknown key 'when_nul'. Did you mean 'when_null'?",
        "syncs/users.yaml:8:6: 'B' must be the name of a column, or a mapping, but is the number 5.",
        "syncs/users.yaml:9:3: The key 'B' stands here a second time; the first is on line 8.",
        "syncs/users.yaml:10:13: 'on_removal' must be one of the allowed values, but is a list.",
    ]


def test_a_text_of_another_shape_is_told_what_it_must_be(project_with: Build) -> None:
    text = "model: users\ndestination: xero\nobject: contacts\nmatch: {A: a}\n"
    project = project_with({"syncs/users.yaml": f"{text}guards:\n  max_removals: abc\n"})
    [told] = said(project)
    assert told.partition(": ")[2] == (
        "'max_removals' must be a whole number or a share such as 5%, but is the text 'abc'."
    )


def source(project_with: Build, text: str) -> list[str]:
    project = project_with({"sources/s.yaml": text})
    return [line.removeprefix("sources/s.yaml:") for line in said(project)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("host: x", "1:1: The key 'type' is missing."),
        ("type: 5", "1:7: 'type' must be text, but is the number 5."),
        ("type:", "1:1: 'type' must be text, but is empty."),
        ("type: Server\nhost: x", "1:7: There is no type 'Server'. Did you mean 'server'?"),
        ("type: mongodb", "1:7: There is no type 'mongodb'."),
        ("type: server\nhost: x\nport: many", "3:7: 'port' must be a whole number, but is the text 'many'."),
        ("type: server\nhost: x\nport: 1.5", "3:7: 'port' must be a whole number, but is the number 1.5."),
        ("type: server\nhost: x\nport: 0", "3:7: 'port' must be at least 1, but is the number 0."),
        ("type: server\nhost: x\nport: 65536", "3:7: 'port' must be at most 65535, but is the number 65536."),
        ("type: server\nhost: 5", "2:7: 'host' must be text, but is the number 5."),
        ("type: server\nhost: true", "2:7: 'host' must be text, but is true."),
        ("type: server\nhost:", "2:1: 'host' must be text, but is empty."),
        ("type: server\nhost:\n  a: b", "2:1: 'host' must be text, but is a mapping of keys."),
        (
            "type: server\nhost: x\nregion: eur",
            "3:9: 'region' must be one of the allowed values, but is the text 'eur'. Did you mean 'eu'?",
        ),
        ("type: server\nhost: a b", "2:7: 'host': 'a b' holds a space."),
        (
            "type: server\nhost: x\ntls: {verify: maybe}",
            "3:15: 'verify' must be true or false, but is the text 'maybe'.",
        ),
        ("type: server\nhost: x\ntls:\n  verfy: true", "4:3: Unknown key 'verfy'. Did you mean 'verify'?"),
        ("type: server\nhost: x\ntls: [a]", "3:6: 'tls' must be a mapping of keys, but is a list."),
        ("type: server\nhost: x\ntags: a", "3:7: 'tags' must be a list, but is the text 'a'."),
        (
            "type: server\nhost: x\ntags:\n- a\n- 5",
            "5:3: Item 2 of 'tags' must be text, but is the number 5.",
        ),
        ("type: server\nhost: x\nratio: half", "3:8: 'ratio' must be a number, but is the text 'half'."),
        (
            f"type: server\nhost: x\nport: {'y' * 200}",
            f"3:7: 'port' must be a whole number, but is the text '{'y' * 57}...'.",
        ),
    ],
)
def test_a_wrong_value_of_a_source_is_said_in_our_words(
    project_with: Build, text: str, expected: str
) -> None:
    assert source(project_with, text) == [expected]


@pytest.mark.parametrize(
    ("mapping", "expected"),
    [
        (
            "{colum: a, only_on_create: true}",
            (
                "11:33: 'only_on_create' stands in a mapping without column, value, template or each."
                " Did you mean 'column'?"
            ),
        ),
        ("{column: 5}", "11:15: 'column' must be text, but is the number 5."),
        ("{column: a, value: b}", "11:18: 'value' cannot stand beside 'column'."),
        ("{column: a, only_on_create: maybe}", "11:34: 'only_on_create' must be true or false"),
        ("{value: [1]}", "11:14: 'value' must be text or true or false or a whole number or a number"),
        ("{value: }", "11:7: 'value' must be text or true"),
        ("{template: 5}", "11:17: 'template' must be text, but is the number 5."),
        ("{template: x, when_null: drop}", "11:31: 'when_null' must be one of the allowed values"),
        ("[a]", "11:7: Item 1 of 'X' must be a mapping of keys, but is the text 'a'."),
        ("[{A: {B: 5}}]", "11:15: 'B' must be the name of a column, or a mapping, but is the number 5."),
        ("{name: {column: {list: 5}}}", "11:22: 'column' must be text, but is a mapping of keys."),
        ("{object: {list: [{name: 5}]}}", "11:30: 'name' must be the name of a column, or a mapping"),
        ("{each: lines}", "11:3: The key 'fields' is missing."),
        ("{each: lines, fields: {}}", "11:28: 'fields' must have at least 1 entry, but has 0."),
        ("{each: a, column: b, fields: {A: b}}", "11:16: 'column' cannot stand beside 'each'."),
        ("{each: a, fields: {A: b}, totl: x}", "11:32: Unknown key 'totl'. Did you mean 'total'?"),
        ("{each: a, fields: {A: b}, when_null: clear}", "11:43: 'when_null' must be one of the allowed"),
        ("{each: a, fields: {A: 5}}", "11:28: 'A' must be the name of a column, or a mapping"),
        ("{each: a, fields: {A: {column: 5}}}", "11:37: 'column' must be text, but is the number 5."),
        ("{each: a, fields: {A: [{B: {valeu: 5}}]}}", "11:41: 'valeu' must be the name of a column, or"),
        ("{each: a, fields: {A: {each: b, fields: {C: 5}}}}", "11:50: 'C' must be the name of a column"),
        ("{each: a, fields: {A: b}, total: {column: c}}", "11:32: The key 'of' is missing."),
        ("", "11:3: 'X' must be the name of a column, or a mapping, but is empty."),
        ("true", "11:6: 'X' must be the name of a column, or a mapping, but is true."),
    ],
)
def test_a_wrong_mapping_is_placed_whatever_its_fields_are_called(
    project_with: Build, mapping: str, expected: str
) -> None:
    [line] = said(project_with({"syncs/users.yaml": f"{SYNC}  X: {mapping}\n"}))
    assert line.removeprefix("syncs/users.yaml:").startswith(expected)
    assert "Tag" not in line
    assert "Input" not in line


def test_the_field_of_a_problem_is_the_path_that_the_author_sees(project_with: Build) -> None:
    project = project_with({"syncs/users.yaml": SYNC + "      PhoneAreaCode: 5\n"})
    assert [p.field for p in project.problems] == ["fields.Phones.0.PhoneAreaCode"]


def test_remedies_name_what_is_allowed(project_with: Build) -> None:
    text = "type: server\nhots: x\nhost: 5\nregion: moon\ntls: {verify: maybe}\n"
    project = project_with({"sources/s.yaml": text})
    assert [p.remedy for p in project.problems] == [
        (
            "Known keys here: api_key, description, host, max_bytes, max_rows, password, port, ratio, "
            "region, share, tags, title, tls, type."
        ),
        "If it is meant as text, put it in quotes.",
        "Allowed: eu, us.",
        "Write true or false, without quotes.",
    ]


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (
            {"models/users.sql": None},
            ["models/users.yaml:1:1: This model has neither a query nor a table."],
        ),
        (
            {"models/lonely.sql": "SELECT 1"},
            ["models/lonely.sql:1:1: models/lonely.sql has no models/lonely.yaml beside it."],
        ),
        (
            {"models/users.yaml": GOOD["models/users.yaml"] + "table: users\n"},
            ["models/users.yaml:3:1: 'table' cannot stand beside models/users.sql: a model reads one thing."],
        ),
        (
            {"models/m.yaml": GOOD["models/users.yaml"] + "table: users\nsql: SELECT 1\n"},
            ["models/m.yaml:4:1: 'sql' cannot stand beside the key 'table': a model reads one thing."],
        ),
        ({"models/users.sql": "  \n"}, ["models/users.sql:1:1: models/users.sql is empty."]),
        ({"models/users.sql": b"SELECT '\xff'"}, ["models/users.sql:1:9: Byte 0xff is not UTF-8."]),
        (
            {"models/users.sql": "SELECT 1\n<<<<<<< HEAD\n=======\n>>>>>>> x\n"},
            ["models/users.sql:2:1: This line is a merge conflict marker (<<<<<<<)."],
        ),
        ({"models/users.sql": "/*\n=======\n*/ SELECT 1"}, []),
        (
            {"models/m.yaml": GOOD["models/users.yaml"] + "sql:\n"},
            ["models/m.yaml:3:1: This model has neither a query nor a table."],
        ),
        (
            {"models/m.yaml": "source: warehouse\nprimary_key: []\ntable: t\n"},
            ["models/m.yaml:2:14: 'primary_key' must have at least 1 entry, but has 0."],
        ),
        (
            {"models/m.yaml": "source: warehouse\nprimary_key: [id, 5]\ntable: t\n"},
            ["models/m.yaml:2:19: Item 2 of 'primary_key' must be text, but is the number 5."],
        ),
        (
            {"models/m.yaml": "source: warehouse\ntable: 5\n"},
            [
                "models/m.yaml:1:1: The key 'primary_key' is missing.",
                "models/m.yaml:2:8: 'table' must be text, but is the number 5.",
            ],
        ),
    ],
)
def test_a_model_reads_exactly_one_thing(
    project_with: Build, files: dict[str, str | bytes | None], expected: list[str]
) -> None:
    assert said(project_with(files)) == expected


@pytest.mark.parametrize(
    ("key", "lines", "expected"),
    [
        ("id", "{order_by: n, columns: [a, b, a]}", ["4:8: 'lines': the column 'a' is listed twice."]),
        (
            "id",
            "{order_by: n, column: [a]}",
            ["4:1: The key 'columns' is missing.", "4:22: Unknown key 'column'. Did you mean 'columns'?"],
        ),
        (
            "lines",
            "{order_by: n, columns: [a]}",
            ["1:1: The column 'lines' holds the gathered rows, so it is no part of their key."],
        ),
    ],
)
def test_rows_can_be_gathered_in_one_way_only(
    project_with: Build, key: str, lines: str, expected: list[str]
) -> None:
    text = f"source: warehouse\ntable: t\nprimary_key: {key}\nlines: {lines}\n"
    assert said(project_with({"models/m.yaml": text})) == [f"models/m.yaml:{line}" for line in expected]


def test_a_query_can_stand_in_the_yaml(project_with: Build) -> None:
    project = project_with({"models/m.yaml": GOOD["models/users.yaml"] + "sql: |\n  SELECT 1\n"})
    assert project.problems == ()
    assert project.models["m"].sql == "SELECT 1\n"


def test_a_table_needs_no_query(project_with: Build) -> None:
    project = project_with({"models/m.yaml": GOOD["models/users.yaml"] + "table: sales.users\n"})
    assert (project.problems, project.models["m"].table, project.models["m"].sql) == ((), "sales.users", None)


def test_a_reference_to_a_misnamed_file_is_not_a_second_problem(project_with: Build) -> None:
    project = project_with(
        {
            "sources/Other.yaml": "type: sample\n",
            "models/m.yaml": "source: Other\nprimary_key: id\ntable: t\n",
        }
    )
    assert [p.path for p in project.problems] == ["sources/Other.yaml"]


def test_specification_problems_are_placed(project_with: Build) -> None:
    project = project_with({})

    def place(kind: str, slug: str, *where: str | int) -> tuple[str, int, int, str]:
        found = project.locate(kind, slug, SpecProblem(where=where, message="m", remedy="r"))
        return found.path, found.line, found.column, found.field

    path = "syncs/users.yaml"
    number = "fields.Phones.0.PhoneNumber"
    assert place("syncs", "users", "fields", "Phones", 0, "PhoneNumber") == (path, 10, 7, number)
    assert place("syncs", "users", "match", "ContactNumber") == (path, 4, 9, "match.ContactNumber")
    assert place("syncs", "users", "fields", "Gone", "x") == (path, 5, 1, "fields.Gone.x")
    assert place("syncs", "users", "guards") == (path, 1, 1, "guards")
    assert place("models", "users", "primary_key", 0) == ("models/users.yaml", 2, 1, "primary_key.0")
    assert place("models", "users", "sql") == ("models/users.sql", 1, 1, "")
    assert place("project", "", "name") == ("project.yaml", 1, 1, "name")
    assert place("syncs", "nowhere", "x") == ("syncs/nowhere.yaml", 1, 1, "")


def test_places_in_a_query_are_found_in_its_file(project_with: Build) -> None:
    inline = GOOD["models/users.yaml"] + "sql: |\n\n    SELECT\n      x\n"
    project = project_with({"models/m.yaml": inline, "models/n.yaml": inline.replace("|", "'SELECT x' #")})

    def place(slug: str, line: int, column: int) -> tuple[str, int, int]:
        found = project.locate_sql(slug, line, column, "m", "r")
        return found.path, found.line, found.column

    assert place("users", 2, 6) == ("models/users.sql", 2, 6)
    assert project.models["m"].sql == "\nSELECT\n  x\n"
    assert place("m", 3, 3) == ("models/m.yaml", 6, 7)
    assert place("gone", 3, 3) == ("models/gone.yaml", 1, 1)


def test_ten_thousand_mistakes_are_told_in_no_time(project_with: Build) -> None:
    fields = "".join(f"  F{n}: 5\n" for n in range(5_000))
    project = project_with({"syncs/users.yaml": SYNC + fields})
    assert len(project.problems) == 5_000
