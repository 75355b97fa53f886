"""Artefacts that dbt itself has written, and a sync of what it has built."""

from __future__ import annotations

import subprocess
from contextlib import closing
from pathlib import Path

import pytest

from tests.integration.world import World

pytestmark = pytest.mark.nightly

ROOT = Path(__file__).parents[2]
FILES = {
    "dbt_project.yml": "name: shop\nversion: '1.0'\nprofile: shop\nmodels: {shop: {+materialized: table}}\n",
    "profiles.yml": "shop: {target: dev, outputs: {dev: {type: duckdb, path: shop.duckdb}}}\n",
    "models/customers.sql": "select i as id, 'No ' || i as name, i % 3 as region from range(1, 6) t(i)\n",
    "tests/assert_no_negative_ids.sql": "select id from {{ ref('customers') }} where id < 0",
    "models/some.sql": """
{{ config(materialized='ephemeral') }}
select * from {{ ref('customers') }} where id > 2
""",
    "models/schema.yml": """
version: 2
models:
  - name: customers
    description: Everybody who has bought something.
    columns:
      - {name: id, description: The number., data_tests: [unique, not_null]}
      - {name: region, data_tests: [{accepted_values: {arguments: {values: [0, 1, 2]}}}]}
""",
}
SYNC = """
model: customers
destination: xero
object: contacts
match: {ContactNumber: id}
fields: {Name: name}
"""


@pytest.fixture(scope="module")
def dbt() -> Path:
    subprocess.run([ROOT / "scripts" / "install-dbt"], cwd=ROOT, check=True)
    return ROOT / ".venv" / "dbt" / "bin" / "dbt"


def build(dbt: Path, folder: Path, *words: str) -> int:
    command = [dbt, *words, "--profiles-dir", ".", "--no-send-anonymous-usage-stats"]
    return subprocess.run(command, cwd=folder, capture_output=True, check=False).returncode


def test_what_dbt_has_built_is_synced_and_what_failed_is_not(world: World, dbt: Path) -> None:
    for path, text in FILES.items():
        world.write(f"shop/{path}", text)
    shop = world.root / "shop"
    assert build(dbt, shop, "build") == 0
    world.write("sources/duck.yaml", "type: duckdb\npath: shop/shop.duckdb\n")
    (world.root / "models/customers.sql").unlink()
    world.write(
        "models/customers.yaml",
        "source: duck\nprimary_key: id\ndbt: {model: customers, target: shop/target}\n",
    )
    world.write("syncs/customers.yaml", SYNC)
    with closing(world.app()) as app:
        found = {model.name: model for model in app.dbt("shop/target").models}
    assert found["customers"].primary_key == ("id",)
    assert found["customers"].description == "Everybody who has bought something."
    assert found["customers"].columns["id"] == "The number."
    assert (found["some"].relation, len(found["customers"].tests)) == (None, 4)
    world.run()
    assert len(world.contacts()) == 5
    world.edit("shop/models/schema.yml", "[0, 1, 2]", "[0, 1]")
    assert build(dbt, shop, "build") == 1
    run = world.run().run
    assert str(run.state) == "failed"
    assert "accepted_values_customers_region" in str(run.error_message)
    world.edit("shop/models/schema.yml", "[0, 1]", "[0, 1, 2]")
    world.edit("shop/tests/assert_no_negative_ids.sql", "id < 0", "id < 2")
    assert build(dbt, shop, "build") == 1
    failed = str(world.run().run.error_message)
    assert "dbt's test 'assert_no_negative_ids' of 'customers' failed" in failed
    world.edit("shop/models/customers.sql", "range(1, 6)", "nothing_of_that_name(1, 6)")
    assert build(dbt, shop, "run") == 1
    assert "dbt has not built 'customers': error" in str(world.run().run.error_message)


def test_an_ephemeral_model_has_no_query_until_dbt_compiles_it(world: World, dbt: Path) -> None:
    for path, text in FILES.items():
        world.write(f"shop/{path}", text)
    assert build(dbt, world.root / "shop", "build") == 0
    assert build(dbt, world.root / "shop", "compile") == 0
    with closing(world.app()) as app:
        (some,) = [model for model in app.dbt("shop/target").models if model.name == "some"]
    assert "where id > 2" in str(some.query)
