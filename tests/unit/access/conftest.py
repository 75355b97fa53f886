from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from bookward.access.access import Access
from bookward.access.caller import Caller, shell
from bookward.access.passwords import Passwords
from bookward.access.people import Member
from bookward.access.roles import Role
from bookward.settings import Settings
from bookward.store.store import Store
from tests.fakes import FakeClock

PASSWORD = "correct horse battery"


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def store(tmp_path: Path, clock: FakeClock) -> Iterator[Store]:
    opened = Store(Settings.read(tmp_path, {"BOOKWARD_KEY_FILE": str(tmp_path / "key")}), clock)
    yield opened
    opened.close()


@pytest.fixture
def access(store: Store, clock: FakeClock) -> Access:
    cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    return Access(store.database, clock, store.seal, Passwords(cheap))


@pytest.fixture
def admin(access: Access) -> Caller:
    secret = access.links.first(shell("root"))
    assert secret is not None
    member = access.links.accept(secret, PASSWORD, name="Ana", email="Ana@Example.com")
    return signed_in(access, member)[1]


def signed_in(access: Access, member: Member) -> tuple[str, Caller]:
    return access.sign_in(member.email, PASSWORD, "10.0.0.1", "test")


def joined(access: Access, admin: Caller, email: str, role: Role) -> Member:
    secret, _ = access.links.invite(admin, email, role)
    return access.links.accept(secret, PASSWORD, name=email.partition("@")[0])
