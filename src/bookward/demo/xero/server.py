"""The ASGI application, and a server for it in a thread of this process."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

import uvicorn
from starlette.applications import Starlette
from starlette.routing import Route
from uvicorn.protocols.http.h11_impl import H11Protocol

from bookward import exactjson
from bookward.clock import Clock, SystemClock
from bookward.demo.xero.accounting import Accounting, Nowhere
from bookward.demo.xero.books import Books
from bookward.demo.xero.catalogue import PATHS, WRITERS, all_of
from bookward.demo.xero.clock import SettableClock
from bookward.demo.xero.connections import Connections
from bookward.demo.xero.control import Control
from bookward.demo.xero.endpoints import read_body
from bookward.demo.xero.envelope import Element
from bookward.demo.xero.exchange import CONTROL, Endpoint, Handler
from bookward.demo.xero.faults import Faults
from bookward.demo.xero.kinds import Record
from bookward.demo.xero.oauth_authorise import Authorise
from bookward.demo.xero.oauth_token import Discovery, Revocation, Token
from bookward.demo.xero.opening import open_books
from bookward.demo.xero.options import Options
from bookward.demo.xero.pages import BOOKS, Pages
from bookward.demo.xero.records import Records
from bookward.demo.xero.world import Call, World

API = "/api.xro/2.0"


def create_app(world: World) -> Starlette:
    """Return the local Xero over ``world`` as an ASGI application."""
    handlers: list[tuple[str, Handler]] = [
        ("/identity/connect/authorize", Authorise(world)),
        ("/connect/token", Token(world)),
        ("/connect/revocation", Revocation(world)),
        ("/.well-known/openid-configuration", Discovery(world)),
        ("/connections", Connections(world)),
        ("/Connections", Connections(world)),
        ("/connections/{id}", Connections(world)),
        ("/Connections/{id}", Connections(world)),
        *((f"{API}{path}", Accounting(world, resource)) for path, resource in PATHS.items()),
        (f"{CONTROL}{{verb}}", Control(world)),
        ("/", Pages(world, Pages.overview)),
        (f"{BOOKS}{{tenant}}/{{kind}}", Pages(world, Pages.listing)),
        (f"{BOOKS}{{tenant}}/{{kind}}/{{id}}", Pages(world, Pages.record)),
        ("/{path:path}", Nowhere()),
    ]
    return Starlette(routes=[Route(path, Endpoint(world, handler)) for path, handler in handlers])


class LocalXero:
    """A running local Xero, as tests and the demo see it."""

    def __init__(self, url: str, world: World) -> None:
        self.url = url
        self._world = world

    @classmethod
    @contextmanager
    def running(
        cls,
        path: Path | None = None,
        *,
        clock: Clock | None = None,
        port: int = 0,
        options: Options | None = None,
    ) -> Iterator[LocalXero]:
        """Serve a local Xero on 127.0.0.1 until the block ends.

        Args:
            path: the file that keeps the company; None to keep it in memory.
            port: 0 for any that is free.
        """
        world = World(path, clock or SystemClock(), options or Options())
        try:
            with _serving(create_app(world), port) as taken:
                try:
                    yield cls(f"http://127.0.0.1:{taken}", world)
                finally:
                    world.faults.clear()
        finally:
            world.close()

    @property
    def clock(self) -> SettableClock:
        return self._world.clock

    @property
    def faults(self) -> Faults:
        return self._world.faults

    @property
    def options(self) -> Options:
        return self._world.options

    @options.setter
    def options(self, options: Options) -> None:
        self._world.options = options

    @property
    def calls(self) -> list[Call]:
        """Return the requests that came in, as (method, path, status)."""
        return list(self._world.calls)

    @property
    def most_a_minute(self) -> tuple[int, int]:
        """The most calls that one minute had: of one app to one organisation, and to all."""
        return self._world.limits.most_a_minute

    def reset_calls(self) -> None:
        self._world.calls.clear()

    def reset(self) -> None:
        """Empty the books and forget sign-ins, faults, limits and calls."""
        self._world.reset()

    def in_flight(self, tenant: str | None = None) -> int:
        """Return how many calls to an organisation are being served."""
        return self._world.limits.in_flight(tenant or self._world.options.companies[0].id)

    def expire_tokens(self) -> None:
        """Make all access tokens invalid; refresh tokens live on."""
        self._world.tokens.expire_all()

    def records(self, kind: str, tenant: str | None = None) -> list[Element]:
        """Return all records of a kind ("Contacts", ...), archived ones too, in the order that lists have."""
        with self.books(tenant) as books:
            return all_of(books, WRITERS[kind].kind)

    def add(
        self, kind: str, elements: Sequence[Mapping[str, object]], tenant: str | None = None
    ) -> list[Element]:
        """Put records into the books as a PUT would, but without a call; return them as answered."""
        with self.books(tenant) as books:
            writer = WRITERS[kind](books, create_only=True)
            read = read_body(books, exactjson.encode({kind: elements}), writer.kind) if elements else []
            return [written.element for written in writer.write_all(read)]

    def edit(
        self, kind: str, id_: str, *, status: str | None = None, tenant: str | None = None, **fields: object
    ) -> None:
        """Change a record as a person in Xero's own pages can: archived ones too, also back to active.

        Raises:
            KeyError: there is no such record.
        """
        with self.books(tenant) as books:
            records = Records(books, WRITERS[kind].kind)
            held = records.by_id(id_)
            if held is None:
                raise KeyError(id_)
            records.update(Record(held.id, status or held.status, books.millis, held.doc | fields))

    def contacts(self, tenant: str | None = None) -> list[Element]:
        return self.records("Contacts", tenant)

    def add_contacts(
        self, elements: Sequence[Mapping[str, object]], tenant: str | None = None
    ) -> list[Element]:
        return self.add("Contacts", elements, tenant)

    def edit_contact(
        self, id_: str, *, status: str | None = None, tenant: str | None = None, **fields: object
    ) -> None:
        self.edit("Contacts", id_, status=status, tenant=tenant, **fields)

    @contextmanager
    def books(self, tenant: str | None = None) -> Iterator[Books]:
        """Open an organisation's books, to look or write where no call leads."""
        company = self._world.options.company(tenant) or self._world.options.companies[0]
        with self._world.storage.transaction() as db:
            yield open_books(self._world, db, company)


class _Protocol(H11Protocol):
    """HTTP that shows its transport to the application, which may cut it."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as its base has it
        super().connection_made(transport)
        self.app_state = {**self.app_state, "transport": transport}


class _Server(uvicorn.Server):
    """A server that says when it is up, and ends at once when told to."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.up = Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ended: asyncio.Event | None = None

    async def main_loop(self) -> None:
        self._loop, self._ended = asyncio.get_running_loop(), asyncio.Event()
        self.up.set()
        await self._ended.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for server in self.servers:
            server.close()
        for connection in list(self.server_state.connections):
            connection.transport.abort()
        await asyncio.gather(*self.server_state.tasks, return_exceptions=True)

    def end(self) -> None:
        assert self._loop is not None
        assert self._ended is not None
        self._loop.call_soon_threadsafe(self._ended.set)


def _listening(port: int) -> socket.socket:
    # asyncio turns Nagle's algorithm off only where the protocol is named; left on, each answer waits 40 ms.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        listener.listen()
    except OSError:
        listener.close()
        raise
    return listener


@contextmanager
def _serving(app: Starlette, port: int) -> Iterator[int]:
    """Serve ``app`` in a thread and yield its port."""
    with _listening(port) as listener:
        config = uvicorn.Config(
            app,
            http=_Protocol,
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            date_header=False,
        )
        server = _Server(config)
        thread = Thread(target=server.run, args=([listener],), name="local-xero", daemon=True)
        thread.start()
        while thread.is_alive() and not server.up.wait(0.1):
            pass
        try:
            yield int(listener.getsockname()[1])
        finally:
            server.end()
            thread.join()
