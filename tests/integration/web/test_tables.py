"""The catalogue of a source, over HTTP."""

from __future__ import annotations

from contextlib import closing

from bookward.serving import Role
from tests.integration.web.site import Site, code_of
from tests.integration.world import World


def test_the_api_lists_them_for_editors(world: World) -> None:
    with closing(world.app()) as app, Site.running(app) as site:
        with site.client(Role.EDITOR) as client:
            answered = client.get("/api/v1/sources/warehouse/tables").json()
            assert "customers" in {table["name"] for table in answered["tables"]}
            assert code_of(client.get("/api/v1/sources/nowhere/tables")) == (404, "name_unknown")
        with site.client(Role.VIEWER) as client:
            assert code_of(client.get("/api/v1/sources/warehouse/tables")) == (403, "role_too_low")
