"""Threads of one process write one after the other, and the disk is waited for once for all that wait."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from bookward.errors import StoreFailed
from bookward.store import sharedcommits
from bookward.store.sqlite import SqliteDatabase
from tests.peers.postgres import wait_until


class Board:
    """A state with one more table, whose first commit can be held."""

    def __init__(self, folder: Path) -> None:
        self.database, self.path, self.pool = (
            SqliteDatabase(folder),
            folder / "state.db",
            ThreadPoolExecutor(8),
        )
        self.held, self.released, self.commits = Event(), Event(), 0
        self.before_commit: Any = lambda: None
        with self.database.writing() as connection:
            connection.exec_driver_sql("CREATE TABLE board (who TEXT PRIMARY KEY)")
        event.listen(self.database._engine, "commit", self._commit)

    def close(self) -> None:
        self.released.set()
        self.pool.shutdown()
        self.database.close()

    def writes(self, who: str, *, at_once: bool = True, fails: Exception | None = None) -> Future[None]:
        return self.pool.submit(self._write, who, at_once, fails)

    def held_by(self, who: str) -> Future[None]:
        """Let a thread write and wait in its block until it is released."""
        future = self.pool.submit(self._write, who, True, None, self._hold)
        assert self.held.wait(30)
        return future

    def waiting(self, threads: int) -> None:
        wait_until(lambda: self.database._commits._waiting == threads, "they do not wait", 30)

    def kept(self) -> list[str]:
        with closing(sqlite3.connect(self.path)) as connection:
            return [who for (who,) in connection.execute("SELECT who FROM board ORDER BY rowid")]

    def _write(self, who: str, at_once: bool, fails: Exception | None, then: Any = lambda: None) -> None:
        with self.database.writing(at_once=at_once) as connection:
            connection.exec_driver_sql("INSERT INTO board VALUES (?)", (who,))
            then()
            if fails is not None:
                raise fails

    def _hold(self) -> None:
        self.held.set()
        assert self.released.wait(30)

    def _commit(self, _connection: Any) -> None:
        self.commits += 1
        self.before_commit()


@pytest.fixture
def board(tmp_path: Path) -> Iterator[Board]:
    with closing(Board(tmp_path)) as made:
        yield made


def test_a_thread_alone_commits_at_once(board: Board) -> None:
    board.writes("ann").result(30)
    assert (board.commits, board.kept()) == (1, ["ann"])


def test_those_who_wait_are_committed_together(board: Board) -> None:
    first = board.held_by("first")
    others = [board.writes(f"other {n}") for n in range(5)]
    board.waiting(5)
    board.released.set()
    for written in (first, *others):
        written.result(30)
    assert board.commits == 1
    assert sorted(board.kept()) == ["first", *(f"other {n}" for n in range(5))]


def test_nobody_goes_on_before_the_commit(board: Board) -> None:
    done_at_commit: list[bool] = []
    first = board.held_by("first")
    others = [board.writes(f"other {n}") for n in range(3)]
    board.before_commit = lambda: done_at_commit.extend(written.done() for written in (first, *others))
    board.waiting(3)
    board.released.set()
    for written in (first, *others):
        written.result(30)
    assert done_at_commit == [False] * 4


@pytest.mark.parametrize("who", ["the one that fails", "first"])  # its own words, and a key that is there
def test_what_fails_in_one_thread_is_undone_there_only(board: Board, who: str) -> None:
    first = board.held_by("first")
    bad = board.writes(who, fails=ValueError("not this"))
    good = board.writes("good")
    board.waiting(2)
    board.released.set()
    first.result(30)
    good.result(30)
    with pytest.raises((ValueError, StoreFailed)):
        bad.result(30)
    assert sorted(board.kept()) == ["first", "good"]


def test_when_the_first_fails_the_next_begin_anew(board: Board) -> None:
    board.before_commit = lambda: None
    first = board.pool.submit(board._write, "first", True, ValueError("not this"), board._hold)
    assert board.held.wait(30)
    good = board.writes("good")
    board.waiting(1)
    board.released.set()
    with pytest.raises(ValueError, match="not this"):
        first.result(30)
    good.result(30)
    assert board.kept() == ["good"]


def test_a_commit_that_fails_fails_for_all(board: Board) -> None:
    def full() -> None:
        raise OperationalError("COMMIT", None, sqlite3.OperationalError("database or disk is full"))

    first = board.held_by("first")
    others = [board.writes(f"other {n}") for n in range(3)]
    board.waiting(3)
    board.before_commit = full
    board.released.set()
    for written in (first, *others):
        with pytest.raises(StoreFailed, match="disk is full"):
            written.result(30)
    assert board.kept() == []
    board.before_commit = lambda: None
    board.writes("later").result(30)
    assert board.kept() == ["later"]


def test_a_transaction_that_sqlite_gives_up_is_given_up_by_all(board: Board) -> None:
    def gives_up(who: str) -> None:
        with board.database.writing() as connection:
            connection.exec_driver_sql("INSERT INTO board VALUES (?)", (who,))
            connection.exec_driver_sql("ROLLBACK")  # what SQLite does by itself when the disk is full
            raise OperationalError("INSERT", None, sqlite3.OperationalError("database or disk is full"))

    first = board.held_by("first")
    bad = board.pool.submit(gives_up, "bad")
    board.waiting(1)
    board.released.set()
    for written in (first, bad):
        with pytest.raises(StoreFailed):
            written.result(30)
    assert board.kept() == []


def test_who_is_told_to_stop_in_the_midst_of_a_statement_undoes_it_for_all_and_no_more(board: Board) -> None:
    @event.listens_for(board.database._engine, "do_execute")
    def _execute(_cursor: Any, _statement: str, parameters: Any, _context: Any) -> None:
        if parameters == ("stopped",):
            raise KeyboardInterrupt

    first = board.held_by("first")
    stopped = board.writes("stopped")
    board.waiting(1)
    board.released.set()
    with pytest.raises(KeyboardInterrupt):
        stopped.result(30)
    with pytest.raises(StoreFailed, match="told to stop"):
        first.result(30)
    assert board.kept() == []
    board.writes("later").result(30)
    assert board.kept() == ["later"]


def test_what_is_stopped_late_undoes_nothing_of_those_who_came_after(board: Board) -> None:
    commits = board.database._commits
    with board.database.writing() as connection:
        assert commits._open is not None
        late = commits._undone_on_error(commits._open, joins=False)
        late.__enter__()  # nobody leaves it: an interrupt came between
        connection.exec_driver_sql("INSERT INTO board VALUES ('early')")
    held = board.held_by("after")
    assert not late.__exit__(KeyboardInterrupt, KeyboardInterrupt(), None)
    board.released.set()
    held.result(30)
    assert board.kept() == ["early", "after"]


class Interrupting:
    """A turn whose taker is told to stop once it has it, before it knows."""

    def __init__(self, turn: Any) -> None:
        self._turn = turn
        self.release = turn.release

    def acquire(self, **options: Any) -> bool:
        if self._turn.acquire(**options):
            raise KeyboardInterrupt
        return False


def test_who_is_told_to_stop_just_as_its_turn_comes_leaves_it_to_others(
    board: Board, monkeypatch: pytest.MonkeyPatch
) -> None:
    commits = board.database._commits
    with monkeypatch.context() as patched:
        patched.setattr(commits, "_turn", Interrupting(commits._turn))
        with pytest.raises(KeyboardInterrupt), board.database.writing():
            pass
    monkeypatch.setattr(commits, "_patience", 0.01)
    board.writes("later").result(30)
    assert board.kept() == ["later"]


def test_what_an_interrupt_left_in_the_middle_is_not_committed_with_what_comes_after(board: Board) -> None:
    left = board.database.writing()
    left.__enter__().exec_driver_sql("INSERT INTO board VALUES ('half')")
    with board.database.writing() as connection:
        connection.exec_driver_sql("INSERT INTO board VALUES ('later')")
    assert not left.__exit__(KeyboardInterrupt, KeyboardInterrupt(), None)
    board.writes("last").result(30)
    assert board.kept() == ["later", "last"]


def test_who_is_told_to_stop_while_waiting_takes_nothing_from_whoever_writes(
    board: Board, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = board.held_by("first")
    commits = board.database._commits
    with monkeypatch.context() as patched:
        patched.setattr(commits, "_wait_for_turn", lambda: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt), board.database.writing():
            pass
    assert (commits._open is not None, board.commits) == (True, 0)
    board.released.set()
    first.result(30)
    assert board.kept() == ["first"]


def test_what_waits_for_the_disk_does_not_join_what_does_not(board: Board) -> None:
    levels: list[int] = []

    def level(at_once: bool) -> None:
        with board.database.writing(at_once=at_once) as connection:
            levels.append(connection.exec_driver_sql("PRAGMA synchronous").scalar() or 0)

    with board.database._commits._turn:
        lightly = board.pool.submit(level, False)
        board.waiting(1)
        surely = board.pool.submit(level, True)
        board.waiting(2)
    lightly.result(30)
    surely.result(30)
    assert levels in ([1, 2], [2, 2])  # whoever comes first: at least what it asked for


def test_when_those_who_should_commit_give_up_whoever_waits_does(
    board: Board, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = board.held_by("first")
    monkeypatch.setattr(board.database._commits, "_waiting", 1)  # of a thread that was interrupted
    board.released.set()
    first.result(30)
    assert board.kept() == ["first"]


def test_a_thread_does_not_wait_for_ever(board: Board, monkeypatch: pytest.MonkeyPatch) -> None:
    first = board.held_by("first")
    monkeypatch.setattr(board.database._commits, "_patience", 0.01)
    with pytest.raises(StoreFailed, match="kept writing"):
        board.writes("second").result(30)
    board.released.set()
    first.result(30)


def test_a_commit_takes_no_more_than_its_share(board: Board, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sharedcommits, "_MOST", 2)
    first = board.held_by("first")
    others = [board.writes(f"other {n}") for n in range(5)]
    board.waiting(5)
    board.released.set()
    for written in (first, *others):
        written.result(30)
    assert board.commits == 3
    assert len(board.kept()) == 6
