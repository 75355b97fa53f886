"""Models that dbt builds: read by their relation, and not at all when their build or tests failed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from pydantic import ValidationError

from bookward.dbt import fetching
from bookward.errors import BookwardError, BuildUnfit, ModelRefused, SettingInvalid, SourceUnreachable
from bookward.spec.model import DbtSpec
from tests.integration.world import World
from tests.peers.dbtcloud import DbtCloudStub
from tests.peers.objectstore import READER, as_role, running_object_store
from tests.planting import DBT_CLOUD_TOKEN

MODEL = "source: warehouse\nprimary_key: id\ndbt: {model: customers, target: target}\n"
TEST = "test.shop.unique_customers_id.70f3d3fd20"


def manifest(at: datetime, **node: Any) -> dict[str, Any]:
    customers = {
        "unique_id": "model.shop.customers",
        "name": "customers",
        "resource_type": "model",
        "relation_name": '"public"."customers"',
        "compiled_code": "SELECT 1",
        "description": "Everybody.",
        "columns": {"id": {"name": "id", "description": "The number."}},
    } | node
    tests = {
        f"test.shop.{kind}_customers_id.70f3d3fd20": {
            "unique_id": f"test.shop.{kind}_customers_id.70f3d3fd20",
            "name": f"{kind}_customers_id",
            "resource_type": "test",
            "attached_node": "model.shop.customers",
            "column_name": "id",
            "test_metadata": {"name": kind, "kwargs": {}},
        }
        for kind in ("unique", "not_null")
    }
    nodes = {"model.shop.customers": customers} | tests
    return {"metadata": {"generated_at": at.isoformat(), "new": 1}, "nodes": nodes}


def results(at: datetime, **statuses: str) -> dict[str, Any]:
    ids = {"model": "model.shop.customers", "test": TEST, "other": "model.shop.orders"}
    ids["own"] = "test.shop.assert_no_negative_invoice"
    ended = [{"unique_id": ids[k], "status": v, "message": "it says why"} for k, v in statuses.items()]
    return {"metadata": {"generated_at": at.isoformat()}, "results": ended}


@pytest.fixture
def shop(world: World) -> World:
    """Have a model that dbt has built well, just now."""
    world.many(3)
    (world.root / "models/customers.sql").unlink()
    world.write("models/customers.yaml", MODEL)
    world.write("target/manifest.json", json.dumps(manifest(world.clock.now())))
    world.write(
        "target/run_results.json", json.dumps(results(world.clock.now(), model="success", test="pass"))
    )
    return world


def refused(world: World) -> BookwardError:
    with closing(world.app()) as app:
        run = app.run("customers").run
        assert (str(run.state), world.contacts()) == ("failed", {})
        return BuildUnfit(str(run.error_message))


def test_its_relation_is_read(shop: World) -> None:
    with closing(shop.app()) as app:
        assert app.check(connect=True).problems == ()
        assert [name for name, _ in app.preview("customers").columns][:2] == ["id", "name"]
    shop.run()
    assert len(shop.contacts()) == 3


def test_an_ephemeral_model_is_read_by_its_query(shop: World) -> None:
    query = "SELECT * FROM customers WHERE id < 3"
    shop.write(
        "target/manifest.json",
        json.dumps(manifest(shop.clock.now(), relation_name=None, compiled_code=query)),
    )
    shop.run()
    assert len(shop.contacts()) == 2


@pytest.mark.parametrize(
    ("ended", "said"),
    [
        ({"model": "error"}, "dbt has not built 'customers': error: it says why."),
        ({"model": "skipped"}, "dbt has not built 'customers': skipped: it says why."),
        (
            {"model": "success", "test": "fail"},
            "dbt's test 'unique_customers_id' of 'customers' failed: fail: it says why.",
        ),
    ],
)
def test_a_broken_build_stops_the_sync_with_what_dbt_said(
    shop: World, ended: dict[str, str], said: str
) -> None:
    shop.write("target/run_results.json", json.dumps(results(shop.clock.now(), **ended)))
    assert refused(shop).message == said
    with closing(shop.app()) as app:  # but one may look at it
        assert len(app.preview("customers").rows) == 3


def test_a_failed_test_of_its_own_query_stops_every_model_that_it_reads(shop: World) -> None:
    """As dbt 1.11 writes it: such a test is attached to no model, and its id has no hash."""
    name = "test.shop.assert_no_negative_invoice"
    test = {"unique_id": name, "name": "assert_no_negative_invoice", "resource_type": "test"}
    for reads, state in (
        ({"depends_on": {"macros": [], "nodes": ["model.shop.orders", "model.shop.customers"]}}, "failed"),
        ({"depends_on": {"macros": [], "nodes": ["model.shop.orders"]}}, "done"),
    ):
        said = manifest(shop.clock.now())
        said["nodes"][name] = test | reads
        shop.write("target/manifest.json", json.dumps(said))
        ended = results(shop.clock.now(), model="success", test="pass", own="fail")
        shop.write("target/run_results.json", json.dumps(ended))
        run = shop.run().run
        assert str(run.state) == state
        if state == "failed":
            assert "dbt's test 'assert_no_negative_invoice' of 'customers' failed" in str(run.error_message)


def test_failed_tests_can_be_let_pass_and_warnings_do(shop: World) -> None:
    failed = results(shop.clock.now(), model="success", test="fail")
    shop.write("target/run_results.json", json.dumps(failed))
    shop.edit("models/customers.yaml", "target: target", "target: target, tests: ignore")
    shop.run()
    assert len(shop.contacts()) == 3


def test_an_old_build_stops_the_sync(shop: World) -> None:
    shop.edit("models/customers.yaml", "target: target", "target: target, max_age_hours: 6")
    shop.clock.sleep(7 * 3600)
    shop.connect()
    assert "more than 6 hours ago" in refused(shop).message


@pytest.mark.parametrize(
    ("old", "new", "kind", "said"),
    [
        ("target: target", "target: elsewhere", ModelRefused, "There is no manifest.json of dbt in"),
        ("model: customers", "model: customer", ModelRefused, "Did you mean 'customers'"),
        ("target: target", "target: ../../etc", SettingInvalid, "not in the project's folder"),
        ("target: target", "job: 7", SettingInvalid, "no account of dbt Cloud"),
    ],
)
def test_what_is_not_there(shop: World, old: str, new: str, kind: type[BookwardError], said: str) -> None:
    shop.edit("models/customers.yaml", old, new)
    with closing(shop.app()) as app, pytest.raises(kind) as caught:
        app.preview("customers")
    assert said in caught.value.message


def test_a_manifest_that_is_none(shop: World) -> None:
    shop.write("target/manifest.json", '{"metadata": {}}')
    with closing(shop.app()) as app, pytest.raises(ModelRefused, match="is not what dbt writes"):
        app.preview("customers")


def test_models_are_listed_with_the_key_that_tests_prove(shop: World) -> None:
    with closing(shop.app()) as app:
        found = app.dbt("target")
    (model,) = found.models
    assert (model.name, model.primary_key, model.description) == ("customers", ("id",), "Everybody.")


@pytest.fixture
def cloud(shop: World) -> Iterator[DbtCloudStub]:
    """Let the model be of a job of dbt Cloud, which has not run yet."""
    with DbtCloudStub(account=5, token=DBT_CLOUD_TOKEN).running() as stub:
        account = f"account: 5, token: '${{DBT_TOKEN}}', url: '{stub.url}'"
        shop.edit("project.yaml", "name:", f"dbt_cloud: {{{account}}}\nname:")
        shop.edit("models/customers.yaml", "target: target", "job: 7")
        shop.environ["DBT_TOKEN"] = DBT_CLOUD_TOKEN
        yield stub


def ends(world: World, cloud: DbtCloudStub, end: str, **statuses: str) -> int:
    """Let a run of the job end; one that says how nothing ended got no further than to begin."""
    now = world.clock.now()
    world.clock.sleep(60)
    if not statuses:
        return cloud.add(7, end, now)
    said = {"manifest": manifest(now), "run_results": results(now, **statuses)}
    return cloud.add(7, end, now, **{name: json.dumps(content).encode() for name, content in said.items()})


def test_a_job_of_dbt_cloud_has_them(shop: World, cloud: DbtCloudStub) -> None:
    with closing(shop.app()) as app, pytest.raises(ModelRefused, match=r"no manifest\.json .* job 7"):
        app.preview("customers")
    ends(shop, cloud, "success", model="success", test="pass")
    ends(shop, cloud, "running")
    shop.run()
    assert len(shop.contacts()) == 3
    shop.environ["DBT_TOKEN"] = "another"
    with closing(shop.app()) as app, pytest.raises(BookwardError, match="does not accept the token"):
        app.preview("customers")


@pytest.mark.parametrize(
    ("end", "statuses", "said"),
    [
        ("error", {"model": "success", "test": "fail"}, "dbt's test 'unique_customers_id' of 'customers'"),
        ("error", {"model": "error"}, "dbt has not built 'customers': error: it says why."),
        ("error", {}, "Run 7001 of job 7 of dbt Cloud failed at 2026-"),
        ("error", {"other": "error"}, "and does not say how 'customers' fared."),
        ("error", {"model": "success", "test": "pass"}, "and does not say how 'customers' fared."),
        (
            "cancelled",
            {"model": "success", "other": "skipped"},
            "Run 7001 of job 7 of dbt Cloud was cancelled",
        ),
    ],
)
def test_a_run_of_dbt_cloud_that_ended_badly_stops_the_sync_until_one_ends_well(
    shop: World, cloud: DbtCloudStub, end: str, statuses: dict[str, str], said: str
) -> None:
    ends(shop, cloud, "success", model="success", test="pass")
    ends(shop, cloud, end, **statuses)
    assert said in refused(shop).message
    with closing(shop.app()) as app:  # but one may look at it
        assert len(app.preview("customers").rows) == 3
    ends(shop, cloud, "success", model="success", test="pass")
    shop.run()
    assert len(shop.contacts()) == 3


def test_a_run_of_dbt_cloud_that_failed_for_other_models_stops_nothing(
    shop: World, cloud: DbtCloudStub
) -> None:
    ends(shop, cloud, "error", model="success", test="pass", other="error")
    shop.run()
    assert len(shop.contacts()) == 3


def test_a_folder_at_an_address_has_them(tmp_path: Path) -> None:
    class Handler(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    at = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
    (tmp_path / "manifest.json").write_text(json.dumps(manifest(at)))
    (tmp_path / "run_results.json").write_text(json.dumps(results(at, model="error")))
    (tmp_path / "empty").mkdir()
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(tmp_path))) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}"
        found = fetching.at(f"{url}/?signature=s3cret").artefacts()
        assert found.built is not None
        assert found.built.trouble(found.find("customers").unique_id) == "error: it says why"
        with pytest.raises(ModelRefused, match=r"There is no manifest\.json of dbt in") as missing:
            fetching.at(f"{url}/empty?signature=s3cret").artefacts()
        assert "s3cret" not in missing.value.message
        server.shutdown()
    with pytest.raises(SourceUnreachable, match=r"manifest\.json of dbt cannot be fetched") as away:
        fetching.at(f"{url}/?signature=s3cret").artefacts()
    assert "s3cret" not in away.value.message


def test_a_folder_of_a_bucket_has_them(monkeypatch: pytest.MonkeyPatch) -> None:
    at = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
    files = {"manifest.json": manifest(at), "run_results.json": results(at, model="error")}
    for name, value in as_role({}, READER).items():
        monkeypatch.setenv(name, value)
    with running_object_store() as objects:
        for name, content in files.items():
            with objects._opened().open_output_stream(f"bookward/target/{name}") as file:
                file.write(json.dumps(content).encode())
        found = fetching.at(objects.url("target")).artefacts()
        assert found.built is not None
        assert found.built.trouble(found.find("customers").unique_id) == "error: it says why"
        with pytest.raises(ModelRefused, match=r"There is no manifest\.json of dbt in"):
            fetching.at(objects.url("empty")).artefacts()
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "a-wrong-secret")
        with pytest.raises(SourceUnreachable, match="cannot be read from s3://bookward/target"):
            fetching.at(objects.url("target")).artefacts()


@pytest.mark.parametrize("url", ["s3://KEYID:s3cret@bucket/target", "s3://bucket/target?secret_key=s3cret"])
def test_keys_in_the_address_of_a_bucket_are_not_repeated(url: str) -> None:
    with pytest.raises(SourceUnreachable, match=r"cannot be read from s3://bucket/target") as away:
        fetching.at(f"{url}{'&' if '?' in url else '?'}endpoint_override=127.0.0.1:1&scheme=http").artefacts()
    assert "s3cret" not in away.value.message
    assert "KEYID" not in away.value.message


def test_a_url_of_this_machine_is_none(tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match="a URL that begins with one of https"):
        DbtSpec(model="customers", target=tmp_path.as_uri())
