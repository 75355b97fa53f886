"""Models that are neither a query nor a table: one that dbt builds, and a Look; and keys that are none."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from shutil import rmtree

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Office
from tests.e2e.invoicing import delete
from tests.e2e.test_editing import typed
from tests.e2e.test_wizard import choose
from tests.integration.test_dbt_models import manifest, results
from tests.peers.http import serving
from tests.peers.looker import Look, Looker

PageOf = Callable[[str | None], Page]


@pytest.fixture
def built(office: Office) -> Iterator[None]:
    """A dbt project that has built the products, with a test that failed."""
    folder, now = office.root / "dbt", datetime.now(UTC)
    folder.mkdir()
    said = manifest(now, relation_name='"main"."users"', description="Everybody who signed up.")
    (folder / "manifest.json").write_text(json.dumps(said))
    (folder / "run_results.json").write_text(json.dumps(results(now, model="success", test="pass")))
    yield
    rmtree(folder)


@pytest.fixture
def looker(office: Office) -> Iterator[Looker]:
    """A Looker with a Look of the warehouse's users, as a source of the project."""
    with serving(Looker()) as stub, stub.connection:
        stub.looks = [Look("42", 'SELECT id AS "users.id", name AS "users.name" FROM users', ["users.id"])]
        secret = {"value": stub.client_secret}
        office.admin.put("/secrets/LOOKER_SECRET", json=secret).raise_for_status()
        values = {
            "type": "looker",
            "url": stub.url,
            "client_id": stub.client_id,
            "client_secret": "${LOOKER_SECRET}",
        }
        office.admin.post("/files/sources", json={"slug": "looker", "values": values}).raise_for_status()
        yield stub
        delete(office, "sources", "looker")
        assert stub.unlike == []


def finish(page: Page, name: str, slug: str) -> None:
    """Look at the rows, name the model, and save it."""
    page.get_by_role("button", name="Preview").click()
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("Name").fill(name)
    expect(page.get_by_role("status")).to_contain_text("The key tells all 1,000 rows apart.")
    page.get_by_role("button", name="Finish").click()
    expect(page.get_by_role("heading", name=slug)).to_be_visible()


@pytest.mark.usefixtures("built")
def test_a_model_that_dbt_builds_is_chosen_with_its_key(page_of: PageOf, office: Office) -> None:
    page = page_of("editor")
    page.goto("/models/new")
    page.get_by_text("dbt model", exact=True).click()
    page.get_by_label("Where dbt writes").fill("nowhere")
    page.get_by_role("button", name="List models").click()
    expect(page.get_by_role("alert")).to_contain_text("There is no manifest.json of dbt in")
    page.get_by_label("Where dbt writes").fill("dbt")
    page.get_by_role("button", name="List models").click()
    choose(page, "dbt model", "customers")
    expect(page.get_by_role("main").get_by_text("Everybody who signed up.")).to_be_visible()
    finish(page, "Built customers", "built-customers")
    assert office.admin.get("/files/models/built-customers").json()["values"] == {
        "source": "warehouse",
        "primary_key": "id",
        "dbt": {"model": "customers", "target": "dbt"},
        "title": "Built customers",
    }
    delete(office, "models", "built-customers")


def test_a_look_is_chosen_and_its_sql_runs_in_the_warehouse(
    page_of: PageOf, office: Office, looker: Looker
) -> None:
    page = page_of("editor")
    page.goto("/models/new")
    choose(page, "Source", "warehouse")
    page.get_by_text("Looker Look", exact=True).click()
    page.get_by_role("combobox", name="Look", exact=True).fill("Invo")
    page.get_by_role("option", name="looks/42 Invoices (Finance)").click()
    expect(page.get_by_role("combobox", name="Look", exact=True)).to_have_value("looks/42")
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_role("columnheader", name="users_name")).to_be_visible()
    page.get_by_role("button", name="Continue").click()
    choose(page, "Primary key", "users_id")
    finish_naming(page)
    assert office.admin.get("/files/models/users-of-a-look").json()["values"] == {
        "source": "warehouse",
        "primary_key": "users_id",
        "look": {"url": "looks/42", "looker": "looker"},
        "title": "Users of a Look",
    }
    delete(office, "models", "users-of-a-look")


def finish_naming(page: Page) -> None:
    page.get_by_label("Name").fill("Users of a Look")
    page.get_by_role("button", name="Finish").click()
    expect(page.get_by_role("heading", name="users-of-a-look")).to_be_visible()


def test_a_key_that_fails_is_not_saved_unless_its_rows_are_to_be_left_out(
    page_of: PageOf, office: Office
) -> None:
    page = page_of("editor")
    page.goto("/models/new")
    typed(page, "Query", "SELECT * FROM (VALUES (1, 'a'), (2, 'b'), (2, 'c')) AS t(id, name)")
    page.get_by_role("button", name="Preview").click()
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("Name").fill("Twice")
    expect(page.get_by_role("status")).to_contain_text("2 of 3 rows cannot be synced with this key")
    finish_ = page.get_by_role("button", name="Finish")
    expect(finish_).to_be_disabled()
    page.get_by_label("Leave these 2 rows out").check()
    expect(finish_).to_be_enabled()
    choose(page, "Primary key", "name")  # together with id it tells all rows apart
    expect(page.get_by_role("status")).to_contain_text("The key tells all 3 rows apart.")
    finish_.click()
    expect(page.get_by_role("heading", name="twice")).to_be_visible()
    assert office.admin.get("/files/models/twice").json()["values"]["primary_key"] == ["id", "name"]
    delete(office, "models", "twice")
