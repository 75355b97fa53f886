"""Objects of Foundry's ontologies: exact by their properties' types, all of them, and never some for all."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

import foundry_sdk
import pyarrow as pa
import pytest
from pydantic import SecretStr

from bookward.errors import BookwardError, SourceFailed
from bookward.model import Model
from bookward.sources.foundry import FoundrySource, objects, properties
from bookward.sources.shape import kind_of
from bookward.spec.model import ModelSpec
from tests.contract.sources import memory
from tests.fakes import FakeClock
from tests.peers.foundry import FoundryStub, running_foundry

MANY = """CREATE TABLE Many (id BIGINT PRIMARY KEY, label VARCHAR);
INSERT INTO Many SELECT i, 'n' || i FROM range(10, 3510) AS r(i)"""
PLACE = {"type": "geopoint"}
PARTS = {
    "type": "struct",
    "structFieldTypes": [
        {"apiName": "net", "rid": "ri.a.b.c.1", "dataType": {"type": "decimal", "precision": 10, "scale": 2}},
        {"apiName": "units", "rid": "ri.a.b.c.2", "dataType": {"type": "long"}},
    ],
}


@pytest.fixture(scope="module")
def server() -> Iterator[FoundryStub]:
    with running_foundry() as stub:
        yield stub


@pytest.fixture
def ontology(server: FoundryStub) -> str:
    name = server.data.new_schema()
    server.ontologies.__init__(server.data, server._turned_away, names=[name])  # type: ignore[misc]
    return name


@pytest.fixture
def source(server: FoundryStub, ontology: str) -> FoundrySource:
    return FoundrySource("warehouse", server.spec(ontology))


def altered(source: FoundrySource, **changes: Any) -> FoundrySource:
    return FoundrySource("warehouse", source._spec.model_copy(update=changes))


def table(source: FoundrySource, query: str) -> pa.Table:
    with source.read(query) as rows:
        return pa.Table.from_batches(list(rows.batches), rows.schema)


def model(source: FoundrySource, name: str) -> Model:
    spec = ModelSpec(source="warehouse", primary_key=["id"], table=name)
    return Model("customers", spec, source, FakeClock())


def vendors_client(server: FoundryStub) -> foundry_sdk.FoundryClient:
    return foundry_sdk.FoundryClient(
        auth=foundry_sdk.UserTokenAuth(server.token),
        hostname=urlsplit(server.url).netloc,
        config=foundry_sdk.Config(scheme="http"),
    )


def test_values_are_exact_by_their_properties_types(
    server: FoundryStub, source: FoundrySource, ontology: str
) -> None:
    server.ontologies.types |= {
        "parts": PARTS,
        "lines": {"type": "array", "subType": PARTS, "reducers": []},
        "free": {"type": "decimal"},
        "place": PLACE,
        "other": {"type": "unheardOf"},
    }
    server.data.load(
        """CREATE TABLE Invoice AS SELECT 9007199254740993::BIGINT AS id, 12.30::DECIMAL(12,2) AS amount,
        12345678901234567890123456.123456789012::DECIMAL(38,12) AS large, 0.10::DECIMAL(5,2) AS free,
        TRUE AS yes, 7::TINYINT AS tiny, -3::SMALLINT AS small, 0.1::DOUBLE AS share, 'é' AS text,
        DATE '2026-02-28' AS day, TIMESTAMPTZ '2026-02-28 12:00:00.123456+13' AS moment,
        {'net': 1.10::DECIMAL(10,2), 'units': 9007199254740993::BIGINT} AS parts,
        [{'net': 1.10::DECIMAL(10,2), 'units': 1::BIGINT}] AS lines, [1::BIGINT, 2] AS ids,
        [1.10::DECIMAL(4,2)] AS shares, NULL::VARCHAR AS nothing,
        '{"type":"Point","coordinates":[1.10,2]}' AS place, '{"a": 1.50}' AS other""",
        ontology,
    )
    found = table(source, f"SELECT * FROM `{ontology}`.`Invoice`")
    (row,) = found.to_pylist()
    assert (row["id"], row["amount"], row["free"]) == (9007199254740993, Decimal("12.30"), "0.1")
    assert kind_of(found.schema.field("free")) == "decimal"
    assert row["large"] == Decimal("12345678901234567890123456.123456789012")
    assert (row["yes"], row["tiny"], row["small"], row["share"], row["text"]) == (True, 7, -3, 0.1, "é")
    assert (row["day"], row["nothing"], row["ids"]) == (date(2026, 2, 28), None, [1, 2])
    assert row["moment"].isoformat() == "2026-02-27T23:00:00.123456+00:00"
    assert row["shares"] == [Decimal("1.10")]
    assert row["parts"] == '{"net": "1.10", "units": "9007199254740993"}'
    assert row["lines"] == '[{"net": "1.10", "units": "1"}]'
    assert {kind_of(found.schema.field(name)) for name in ("parts", "lines", "place")} == {"json"}
    assert (json.loads(row["place"])["coordinates"][1], row["other"]) == (2, '{"a": 1.5}')
    assert found.schema.field("small").type == pa.int16()


@pytest.mark.parametrize(
    ("type_", "value", "read"),
    [
        ({"type": "boolean"}, "true", True),
        ({"type": "integer"}, "7", 7),
        ({"type": "double"}, "NaN", None),
        ({"type": "date"}, "+12026-01-01", date(9999, 12, 31)),
        ({"type": "timeseries", "itemType": {}}, "seriesId", '"seriesId"'),
        ({"type": "cipherText"}, "CIPHER::x::CIPHER", "CIPHER::x::CIPHER"),
        ({"type": "vector", "dimension": 2}, ["0.5", "1"], [0.5, 1.0]),
    ],
)
def test_values_may_be_written_in_other_ways(type_: Any, value: Any, read: Any) -> None:
    (found,) = properties.column("p", type_).build([value]).to_pylist()
    assert found != found if read is None else found == read


@pytest.mark.parametrize(
    ("type_", "value"),
    [
        ({"type": "long"}, "1.5"),
        ({"type": "boolean"}, "yes"),
        ({"type": "decimal", "precision": 5, "scale": 2}, "1.234"),
        ({"type": "timestamp"}, "2026-01-01T00:00:00"),
        ({"type": "integer"}, str(2**31)),
    ],
)
def test_a_value_that_its_type_does_not_have_stops_the_read(type_: Any, value: Any) -> None:
    with pytest.raises(Exception, match=r"property 'p' is .*, and holds another"):
        properties.column("p", type_).build([None, value])


def test_every_object_comes_once_page_by_page_as_to_the_vendors_own_client(
    server: FoundryStub, source: FoundrySource, ontology: str
) -> None:
    server.data.load(MANY, ontology)
    found = table(source, f"SELECT id AS number FROM `{ontology}`.Many")
    assert (found.column_names, sorted(found["number"].to_pylist())) == (["number"], list(range(10, 3510)))
    assert len(server.ontologies.asked) == 4
    assert {tuple(asked["select"]) for asked in server.ontologies.asked} == {("id",)}

    client = vendors_client(server).ontologies
    theirs, token = list[int](), None
    while token or not theirs:
        page = client.OntologyObjectSet.load(
            ontology,
            object_set={"type": "base", "objectType": "Many"},
            select=["id"],
            page_token=token,
            page_size=1_000,
            snapshot=True,
        )
        theirs += [int(each["id"]) for each in page.data]
        token = page.next_page_token
    assert theirs == found["number"].to_pylist()
    assert int(page.total_count) == len(theirs)


def test_object_types_are_listed_as_the_vendors_own_client_lists_them(
    server: FoundryStub, source: FoundrySource, ontology: str
) -> None:
    for name in ("Invoice", "Customer", "Payment"):
        server.data.load(
            f"CREATE TABLE {name} (id BIGINT PRIMARY KEY, due DECIMAL(12,2), tags VARCHAR[])", ontology
        )
    tables = list(source.tables())
    assert [(each.schema, each.name) for each in tables] == [
        (ontology, name) for name in ("Customer", "Invoice", "Payment")
    ]
    assert tables[0].primary_key == ("id",)
    assert [(each.name, each.type, each.nullable) for each in tables[0].columns] == [
        ("id", "long", False),
        ("due", "decimal(12,2)", True),
        ("tags", "array of string", True),
    ]
    client = vendors_client(server).ontologies
    assert [each.api_name for each in client.Ontology.list().data] == [ontology]
    assert [each.api_name for each in client.Ontology.ObjectType.list(ontology)] == [
        each.name for each in tables
    ]


def test_a_model_is_an_object_type_and_reads_what_it_needs_only(
    server: FoundryStub, source: FoundrySource, ontology: str
) -> None:
    server.data.load(MANY, ontology)
    found = model(source, f'"{ontology}"."Many"')
    assert found.columns().names == ["id", "label"]
    assert server.ontologies.asked == []
    assert [row["id"] for row in found.preview(limit=3).rows] == [10, 11, 12]
    assert [asked["pageSize"] for asked in server.ontologies.asked] == [3, 3]
    with found.read(["label"]) as rows:
        assert sum(batch.num_rows for batch in rows.batches) == 3_500
    assert server.ontologies.asked[-1]["select"] == ["label"]
    folded = model(source, f'"{ontology}".Many')  # a plain word, which SQL folds
    assert folded.columns().names == ["id", "label"]


def test_what_changes_meanwhile_is_not_seen(
    server: FoundryStub, source: FoundrySource, ontology: str
) -> None:
    server.data.load(MANY, ontology)
    server.ontologies.after_page = lambda: server.data.load(
        "INSERT OR IGNORE INTO Many VALUES (1, 'new')", ontology
    )
    ids = table(source, f"SELECT id FROM `{ontology}`.Many")["id"].to_pylist()
    assert sorted(ids) == list(range(10, 3510))


@pytest.mark.parametrize(
    ("how", "value", "said"),
    [
        ("cut_after", 0, "lost while reading"),
        ("cut_after", 2, "lost while reading"),
        ("repeats", True, "the token of a page a second time"),
        ("stops_after", 1, "1,998 of 3,500 objects came"),
        ("most", 1_500, "ObjectsExceededLimit.*Object Storage V1"),
    ],
)
def test_some_objects_are_never_taken_for_all(
    server: FoundryStub, source: FoundrySource, ontology: str, how: str, value: Any, said: str
) -> None:
    server.data.load(MANY, ontology)
    setattr(server.ontologies, how, value)
    sizes: list[int] = []
    with pytest.raises(SourceFailed, match=said):  # noqa: SIM117
        with source.read(f"SELECT * FROM `{ontology}`.`Many`") as rows:
            sizes.extend(batch.num_rows for batch in rows.batches)
    assert sum(sizes) < 3_500 or how == "repeats"


def test_foundry_is_asked_again_when_it_takes_no_more_for_now(
    server: FoundryStub, source: FoundrySource, ontology: str
) -> None:
    server.data.load(MANY, ontology)
    server.ontologies.busy = 2
    assert table(source, f"SELECT id FROM `{ontology}`.Many").num_rows == 3_500
    assert server.ontologies.busy == 0


def test_an_application_signs_in_for_ontologies_and_again_when_that_runs_out(
    server: FoundryStub, source: FoundrySource, ontology: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.data.load(MANY, ontology)
    secret = SecretStr(server.client_secret)
    application = altered(source, token=None, client_id="application", client_secret=secret)
    server.ontologies.after_page = lambda: monkeypatch.setattr(server, "granted", "granted anew")
    assert table(application, f"SELECT id FROM `{ontology}`.Many").num_rows == 3_500
    assert server.scopes[-1] == objects.SCOPE


def test_a_refused_sign_in_is_told_without_its_secret(source: FoundrySource, ontology: str) -> None:
    other = altered(source, token=SecretStr("gu'essed"))
    with pytest.raises(SourceFailed, match="refused the sign-in") as failed:
        list(other.tables())
    assert "gu'ess" not in failed.value.message
    assert "api:ontologies-read" in failed.value.remedy
    with (
        pytest.raises(SourceFailed, match="refused the sign-in"),
        other.read(f"SELECT * FROM `{ontology}`.`A`"),
    ):
        pass


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("SELECT * FROM `{o}`.`Nowhere`", "ObjectTypeNotFound"),
        ("SELECT nothing FROM `{o}`.`Many`", "no property 'nothing'; there is id, label"),
        ("SELECT id FROM (SELECT label FROM `{o}`.`Many`)", "no column 'id'"),
        ("SELECT id FROM `{o}`.`Many` WHERE id > 5", "not WHERE"),
        ("SELECT id FROM `{o}`.`Many` ORDER BY id", "not ORDER"),
        ("SELECT DISTINCT id FROM `{o}`.`Many`", "not DISTINCT"),
        ("SELECT count(*) FROM `{o}`.`Many`", r"not COUNT\(\*\)"),
        ("SELECT id FROM `{o}`.`Many` UNION ALL SELECT id FROM `{o}`.`Many`", "and not"),
        ("SELECT m.id FROM `{o}`.`Many` m JOIN `/Acme/sales` s ON s.id = m.id", "and not JOINS"),
        ("SELECT id FROM `/Acme/sales` WHERE id IN (SELECT id FROM `{o}`.`Many`)", "and not WHERE"),
    ],
)
def test_objects_are_read_as_they_are_and_a_query_that_asks_for_more_is_refused(
    server: FoundryStub, source: FoundrySource, ontology: str, query: str, said: str
) -> None:
    server.data.load(MANY, ontology)
    with (
        pytest.raises(BookwardError, match=f"(?s)refused the query.*{said}"),
        source.read(query.format(o=ontology)),
    ):
        pass
    assert server.ontologies.asked == []


def test_datasets_are_read_as_before_also_by_branch(
    server: FoundryStub, source: FoundrySource, ontology: str
) -> None:
    server.data.load('CREATE TABLE "/Acme/sales" AS SELECT 7 AS id', ontology)
    assert table(source, "SELECT id FROM `/Acme/sales` WHERE id = 7").to_pylist() == [{"id": 7}]
    assert table(source, f"SELECT id FROM `{ontology}`.`/Acme/sales`").to_pylist() == [{"id": 7}]


def test_memory_does_not_grow_with_the_objects(
    server: FoundryStub, source: FoundrySource, ontology: str
) -> None:
    server.data.load(
        "CREATE TABLE Wide AS SELECT i AS id, repeat('x', 400) AS filler FROM range(100000) AS r(i)", ontology
    )
    spec = {"host": server.url, "token": server.token, "branches": [ontology]}
    rows, grown = memory.measured("foundry", spec, f"SELECT * FROM `{ontology}`.`Wide`")
    assert (rows, grown < 40) == (100_000, True), grown
