"""`disconnect` end to end: Xero and the project let go of each other, and go on later where they stopped."""

from __future__ import annotations

from contextlib import closing

import httpx
import pytest

from bookward.demo.xero.options import WEB_APP
from bookward.errors import NotConnected, SyncBusy
from bookward.ports import Tokens
from bookward.records import SignedOut
from bookward.store.runs import RunState
from tests.integration.world import World


def stored(world: World) -> Tokens | None:
    with closing(world.app()) as app:
        return app._wiring.store.vault.load("xero")


def disconnect(world: World) -> SignedOut:
    with closing(world.app()) as app:
        return app.disconnect("xero", lambda _: None)


def test_after_it_nothing_is_sent_until_somebody_connects_again(world: World) -> None:
    world.many(3)
    assert world.run().run.state is RunState.DONE
    done = disconnect(world)
    assert (done.connection_ended, done.sign_in_revoked, done.remarks) == (True, True, ())
    for work in (world.run, world.plan):
        with pytest.raises(NotConnected, match="'xero' is not connected") as caught:
            work()
        assert caught.value.remedy == "Run `bookward connect xero`."
    with pytest.raises(NotConnected):
        disconnect(world)
    world.connect()
    world.api_calls()
    assert world.run().run.counts["calls"] == 0
    assert world.api_calls() == []
    assert sorted(world.contacts()) == ["1", "2", "3"]


def test_what_was_kept_is_worth_nothing_after_it(world: World) -> None:
    tokens = stored(world)
    assert tokens is not None
    disconnect(world)
    headers = {"Authorization": f"Bearer {tokens.access_token}", "xero-tenant-id": tokens.tenant_id}
    address = f"{world.xero.url}/api.xro/2.0/Contacts"
    assert httpx.get(address, headers=headers, trust_env=False).status_code == 401
    sealed = (world.root / ".bookward" / "state.db").read_bytes()
    assert stored(world) is None
    assert str(tokens.refresh_token).encode() not in sealed


def test_a_sign_in_that_was_revoked_elsewhere_is_only_forgotten(world: World) -> None:
    tokens = stored(world)
    assert tokens is not None
    form = {"token": str(tokens.refresh_token)}
    app = (WEB_APP.id, str(WEB_APP.secret))
    httpx.post(f"{world.xero.url}/connect/revocation", data=form, auth=app, trust_env=False)
    done = disconnect(world)
    assert (done.connection_ended, done.sign_in_revoked) == (False, False)
    assert "so nothing ended there" in done.remarks[0]
    with pytest.raises(NotConnected):
        world.plan()


def test_a_run_at_work_is_not_cut_off(world: World) -> None:
    with closing(world.app()) as app:
        locks = app._wiring.store.locks
        with locks.running("customers"), pytest.raises(SyncBusy):
            disconnect(world)
    assert world.plan().header.operations == {}
