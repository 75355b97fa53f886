"""Commits that threads of one process share: while one waits for the disk, the next changes gather."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from threading import Event, Lock, RLock

from sqlalchemy import Connection, RootTransaction

from bookward.errors import StoreFailed

_MOST = 16  # threads in one commit, so that other processes get their turn
_INTERRUPTED = "Bookward's state could not be used: the process was told to stop while it was written."
_GLANCE = 0.1  # seconds, after which a thread looks whether those who were to commit have given up


@dataclass(slots=True, eq=False)
class _Group:
    """Changes of several threads, in one transaction."""

    connection: Connection
    transaction: RootTransaction
    at_once: bool
    threads: int = 1
    over: Event = field(default_factory=Event)  #: committed or rolled back
    error: Exception | None = None  #: why nothing of it was kept


class SharedCommits:
    """Lets one thread at a time change a database, and commits together what waiting threads add.

    A thread that is done while others wait leaves the commit to them, and goes on when they have made it.
    What fails in one thread is undone from where that thread began; a commit that fails, fails for all of it.
    """

    def __init__(self, connect: Callable[[bool], Connection], patience: float) -> None:
        """Change nothing yet.

        Args:
            connect: returns a connection whose commits wait for the disk, if it is told True.
            patience: seconds that a thread waits until it may begin.
        """
        self._connect = connect
        self._patience = patience
        # Knows by itself whose it is: also of a thread that an interrupt kept from noting that it has it.
        self._turn = RLock()
        self._writer: object = None  #: stands for the thread that writes
        self._counting = Lock()
        self._waiting = 0
        self._open: _Group | None = None  #: what the next thread may add to

    @contextmanager
    def writing(self, *, at_once: bool) -> Iterator[Connection]:
        """Yield a connection whose changes are committed when the block is left.

        Args:
            at_once: whether the disk is waited for.

        Raises:
            StoreFailed: other threads did not let this one begin.
            DBAPIError: the database refused to begin, or to commit.
        """
        me = object()
        try:
            self._wait_for_turn()
            if self._writer is not None and self._open is not None:
                # This thread's own, which an interrupt has taken out before it could undo what it had begun.
                self._end(self._open, StoreFailed(_INTERRUPTED))
            self._writer = me
            group, joins = self._joined(at_once)
            with self._undone_on_error(group, joins):
                yield group.connection
        finally:
            try:
                self._pass_on(me)
            finally:
                try:  # noqa: SIM105 - an interrupt could come before `suppress` has begun
                    self._turn.release()
                except RuntimeError:
                    pass  # it never was this thread's turn
        while not group.over.wait(_GLANCE):
            self._commit_if_nobody_does(group)
        if group.error is not None:
            raise group.error

    def _wait_for_turn(self) -> None:
        with self._counting:
            self._waiting += 1
        try:
            if not self._turn.acquire(timeout=self._patience):
                raise StoreFailed("Bookward's state could not be used: other threads kept writing to it.")
        finally:
            with self._counting:
                self._waiting -= 1

    def _joined(self, at_once: bool) -> tuple[_Group, bool]:
        """Return what this thread's changes go into, and whether others' are in it already."""
        if self._open is not None and at_once and not self._open.at_once:
            self._commit(self._open)
        if self._open is not None:
            self._open.threads += 1
            return self._open, True
        connection = self._connect(at_once)
        try:
            self._open = _Group(connection, connection.begin(), at_once)
        except BaseException:
            connection.close()
            raise
        return self._open, False

    @contextmanager
    def _undone_on_error(self, group: _Group, joins: bool) -> Iterator[None]:
        try:
            with group.connection.begin_nested() if joins else nullcontext():
                yield
        except BaseException as error:
            if self._open is group and (not joins or _is_lost(group.connection)):
                self._end(group, error)
            raise

    def _pass_on(self, writer: object) -> None:
        if self._writer is not writer:
            return  # nothing was written; whoever waits for a commit makes it
        self._writer = None
        if self._open is not None and (not self._waiting or self._open.threads >= _MOST):
            self._commit(self._open)

    def _commit_if_nobody_does(self, group: _Group) -> None:
        try:
            if self._turn.acquire(blocking=False) and self._open is group:
                self._commit(group)
        finally:
            try:  # noqa: SIM105 - as above
                self._turn.release()
            except RuntimeError:
                pass  # another thread's turn

    def _commit(self, group: _Group) -> None:
        """Commit; what that raises is for the threads whose changes these are."""
        try:
            group.transaction.commit()
        except BaseException as error:
            group.connection.invalidate()  # whatever it is in the middle of, it is not used again
            self._end(group, error)
            if not isinstance(error, Exception):
                raise
        else:
            self._end(group, None)

    def _end(self, group: _Group, error: BaseException | None) -> None:
        if error is not None:
            group.error = error if isinstance(error, Exception) else StoreFailed(_INTERRUPTED)
        try:
            self._open = None
            group.connection.close()  # which rolls back what was not committed
        finally:
            group.over.set()


def _is_lost(connection: Connection) -> bool:
    """Return whether nothing of a transaction is left, and not only what one thread has added.

    SQLite itself rolls back all of it when, for one thing, the disk is full; and a connection is given up
    whose thread is told to stop in the midst of a statement.
    """
    return connection.invalidated or not connection.connection.in_transaction
