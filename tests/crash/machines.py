"""Several machines with one state: folders of their own, a PostgreSQL database and a storage between them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

from tests.integration.world import World
from tests.peers.databases import new_database

_DATABASE = "BOOKWARD_DATABASE_URL"


@contextmanager
def shared_state(world: World) -> Iterator[None]:
    """Let the state of a company be shared; its sign-in is made anew."""
    with new_database(world.warehouse) as url:
        storage = world.root.parent / "storage"
        world.environ |= {_DATABASE: url, "BOOKWARD_FILES": storage.as_uri()}
        on_machine(world, "one")
        world.connect()
        yield


def on_machine(world: World, name: str) -> None:
    """Let whatever is done from now on be done by another machine, or another again."""
    world.environ["BOOKWARD_STATE"] = str(folder_of(world, name))


def folder_of(world: World, name: str) -> Path:
    return world.root.parent / f"machine-{name}"


def ask(world: World, sql: str) -> list[tuple[Any, ...]]:
    """Run a statement on the shared state, past all code that knows it."""
    with psycopg.connect(world.environ[_DATABASE], autocommit=True) as connection:
        found = connection.execute(sql.encode())
        return found.fetchall() if found.description else []


def leases_end(world: World) -> None:
    """Let the database's clock be where all leases that nobody renews have ended."""
    ask(world, "UPDATE leases SET expires = now() - interval '1 second'")
