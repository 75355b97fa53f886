"""The models that dbt builds, over the API: listed with their keys, from where the project may read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing

import pytest

from bookward.serving import Role
from tests.integration.test_dbt_models import manifest, results
from tests.integration.web.site import Site, code_of
from tests.integration.world import World

MODELS = "/api/v1/dbt/models"


@pytest.fixture
def site(world: World) -> Iterator[Site]:
    now = world.clock.now()
    world.write("target/manifest.json", json.dumps(manifest(now)))
    world.write("target/run_results.json", json.dumps(results(now, model="error", test="pass")))
    with closing(world.app()) as app, Site.running(app) as running:
        yield running


def test_what_dbt_has_built_is_listed_with_its_key_and_its_trouble(site: Site) -> None:
    with site.client(Role.EDITOR) as client:
        found = client.get(MODELS, params={"target": "target"}).json()
        assert found["at"] == found["built_at"]
        (model,) = found["models"]
        assert (model["name"], model["primary_key"], model["description"]) == (
            "customers",
            ["id"],
            "Everybody.",
        )
        assert model["trouble"] == "error: it says why"
        assert code_of(client.get(MODELS, params={"target": "elsewhere"})) == (422, "model_refused")


@pytest.mark.parametrize(
    "target",
    [
        "../..",
        "/etc",
        ".bookward",
        "ftp://a/b",
        "file:///etc",
        "s3:target",
        "x" * 300,
        "http://",
        "https://[",
    ],
)
def test_what_is_no_place_for_dbt_to_write_to_is_refused(site: Site, target: str) -> None:
    with site.client(Role.EDITOR) as client:
        assert code_of(client.get(MODELS, params={"target": target})) == (422, "model_refused")
        assert code_of(client.get(MODELS, params={"target": f"{target}\n"})) == (422, "request_invalid")


def test_a_job_of_dbt_cloud_needs_the_account_that_the_project_names(site: Site) -> None:
    with site.client(Role.EDITOR) as client:
        refused = client.get("/api/v1/dbt/jobs/7/models")
        assert code_of(refused) == (422, "model_refused")
        assert "project.yaml names no account of dbt Cloud." in refused.text
        assert client.get("/api/v1/dbt/jobs/0/models").status_code == 422
