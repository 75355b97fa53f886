"""Models of one source are moved to another, and nothing that was accepted is sent again."""

from __future__ import annotations

from contextlib import closing
from typing import Any

import duckdb
import pytest

from bookward.errors import EditRefused, ModelRefused, NameUnknown
from tests.integration.editing.edited import ANA
from tests.integration.test_renaming import nothing_is_sent
from tests.integration.world import World

ROCKSET = "type: rockset\napi_key: ${ROCKSET_KEY}\n"
OLD_MODEL = "# ours\nsource: rockset   # for now\nprimary_key: id\n"
OLD_SQL = "SELECT id, name, email, phone, TRY_CAST(credit AS DOUBLE) AS credit FROM public.customers\n"


def repoint(world: World, old: str, new: str) -> list[str]:
    with closing(world.app()) as app:
        return list(app.repoint(old, new))


def files(world: World) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in sorted((world.root / "models").iterdir())}


@pytest.fixture
def rockset(world: World) -> World:
    """The world with a model that was read from Rockset."""
    world.environ["ROCKSET_KEY"] = "retired"
    world.write("sources/rockset.yaml", ROCKSET)
    world.write("models/customers.yaml", OLD_MODEL)
    world.write("models/customers.sql", OLD_SQL.replace("TRY_CAST", "CAST"))
    return world


def test_a_model_of_rockset_reads_from_another_source_in_its_words(rockset: World) -> None:
    rockset.customers((1, "Ann"))
    assert repoint(rockset, "rockset", "warehouse") == ["customers"]
    yaml = (rockset.root / "models/customers.yaml").read_text()
    assert yaml == "# ours\nsource: warehouse   # for now\nprimary_key: id\n"
    query = " ".join((rockset.root / "models/customers.sql").read_text().split())
    assert query.endswith("CAST(credit AS DOUBLE PRECISION) AS credit FROM public.customers")
    run = rockset.run().run
    assert run.error_message is None
    assert run.counts["rows_accepted"] == 1


def test_what_was_accepted_is_known_by_its_key_and_not_sent_again(world: World) -> None:
    world.customers((1, "Ann", "ann@example.com"), (2, "Bob"))
    assert world.run().run.counts["rows_accepted"] == 2
    file = world.root / "copy.duckdb"
    with duckdb.connect(str(file)) as copy:
        copy.execute("CREATE TABLE customers (id BIGINT, name TEXT, email TEXT, phone TEXT)")
        copy.execute(
            "INSERT INTO customers VALUES (1, 'Ann', 'ann@example.com', NULL), (2, 'Bob', NULL, NULL)"
        )
    world.write("sources/copy.yaml", "type: duckdb\npath: copy.duckdb\n")
    world.write("models/customers.sql", "SELECT id::bigint AS id, name, email, phone FROM customers\n")
    assert repoint(world, "warehouse", "copy") == ["customers"]
    nothing_is_sent(world, "customers")
    with duckdb.connect(str(file)) as copy:
        copy.execute("UPDATE customers SET name = 'Bobby' WHERE id = 2; DELETE FROM customers WHERE id = 1")
    assert world.run().run.counts["rows_accepted"] == 2
    assert world.contacts()["2"]["Name"] == "Bobby"
    assert list(world.contacts("ARCHIVED")) == ["1"]


def test_a_query_within_the_models_file_is_translated_there(rockset: World) -> None:
    (rockset.root / "models/customers.sql").unlink()
    rockset.write(
        "models/customers.yaml", f"{OLD_MODEL}sql: SELECT CAST(id AS DOUBLE) AS id FROM customers\n"
    )
    repoint(rockset, "rockset", "warehouse")
    assert "CAST(id AS DOUBLE PRECISION)" in (rockset.root / "models/customers.yaml").read_text()
    assert list(files(rockset)) == ["customers.yaml"]


def test_a_model_that_is_a_table_stays_one(rockset: World) -> None:
    (rockset.root / "models/customers.sql").unlink()
    rockset.write("models/customers.yaml", f"{OLD_MODEL}table: customers\n")
    repoint(rockset, "rockset", "warehouse")
    rockset.customers((1, "Ann"))
    assert rockset.run().run.counts["rows_accepted"] == 1


def test_a_source_without_models_changes_nothing(world: World) -> None:
    world.environ["ROCKSET_KEY"] = "retired"
    world.write("sources/rockset.yaml", ROCKSET)
    before = files(world)
    assert repoint(world, "rockset", "warehouse") == []
    assert files(world) == before


def test_no_source_of_a_kind_that_is_no_more_is_made_but_one_that_is_there_can_be_changed(
    world: World,
) -> None:
    with closing(world.app()) as app:
        with pytest.raises(EditRefused, match="Rockset ended in 2024"):
            app.files.create("sources", "old", ANA, values={"type": "rockset"})
        assert not (world.root / "sources/old.yaml").exists()
        world.write("sources/old.yaml", "type: rockset\n")
        found = app.files.get("sources", "old")
        values = {"type": "rockset", "description": "gone"}
        app.files.replace("sources", "old", ANA, found.etag, values=values)
    assert "gone" in (world.root / "sources/old.yaml").read_text()


@pytest.mark.parametrize(
    ("old", "new", "error", "message"),
    [
        ("rockset", "nowhere", NameUnknown, "There is no source 'nowhere'."),
        ("warehouse", "rockset", EditRefused, "Source 'rockset': Rockset ended in 2024"),
        ("rockset", "rockset", EditRefused, "The models of 'rockset' read from it already."),
        (
            "rockset",
            "warehouse",
            ModelRefused,
            "Model 'others': The query cannot be said in the SQL of postgres",
        ),
    ],
)
def test_what_cannot_be_is_refused_and_all_files_stay(
    rockset: World, old: str, new: str, error: Any, message: str
) -> None:
    rockset.write("models/others.yaml", OLD_MODEL)
    rockset.write("models/others.sql", "SELECT id, TRY(name) AS n FROM customers\n")
    before = files(rockset)
    with pytest.raises(error) as refused:
        repoint(rockset, old, new)
    assert refused.value.message.startswith(message)
    assert files(rockset) == before
