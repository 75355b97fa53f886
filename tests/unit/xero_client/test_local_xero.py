"""The client against the local Xero over real HTTP: every way to sign in, dead tokens, the limits."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Thread
from urllib.request import build_opener

import pytest

from bookward.demo.xero.consent import approve
from bookward.demo.xero.options import CUSTOM_APP, PKCE_APP, WEB_APP
from bookward.demo.xero.server import LocalXero
from bookward.destinations.xero.signin import sign_in
from tests.fakes import FakeClock
from tests.unit.xero_client.fakes import NAME, World


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def xero(clock: FakeClock) -> Iterator[LocalXero]:
    with LocalXero.running(port=0, clock=clock) as running:
        yield running


def connected(xero: LocalXero, clock: FakeClock, **settings) -> World:
    given = {"client_id": WEB_APP.id, "client_secret": WEB_APP.secret, **settings}
    world = World(base_url=xero.url, signed_in=None, clock=clock, **given)

    def press_the_button(url: str) -> None:
        with build_opener().open(approve(url)) as page:
            assert b"Go back to the terminal" in page.read()

    sign_in(NAME, world.spec, world.services, show=press_the_button, choose=lambda several: several[0])
    return world


@pytest.mark.parametrize(
    "settings",
    [
        pytest.param({}, id="with a secret"),
        pytest.param({"client_id": PKCE_APP.id, "client_secret": None}, id="PKCE"),
        pytest.param(
            {"client_id": CUSTOM_APP.id, "client_secret": CUSTOM_APP.secret, "grant": "client_credentials"},
            id="custom connection",
        ),
    ],
)
def test_every_way_to_sign_in_works_and_is_renewed(xero, clock, settings):
    world = connected(xero, clock, **settings)

    assert world.get("Organisation").json()["Organisations"]
    clock.jump(minutes=31)
    assert world.get("Organisation").status == 200
    xero.expire_tokens()
    assert world.get("Organisation").status == 200

    assert world.calls.statuses[-3:] == [401, 200, 200]
    world.client.close()


def test_a_run_bound_by_the_minute_never_trips_it(xero, clock):
    world = connected(xero, clock)
    begun = clock.now()

    def write() -> None:
        for _ in range(40):
            world.get("Organisation")

    threads = [Thread(target=write) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    api = [call.status for call in world.calls.made if "api.xro" in call.url]
    assert api == [200] * 200
    assert (clock.now() - begun).total_seconds() < 4 * 60
    world.client.close()
