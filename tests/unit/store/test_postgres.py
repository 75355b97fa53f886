"""What is PostgreSQL's own: how it is reached, how it refuses, and what it is told."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from threading import Barrier
from urllib.parse import quote

import msgspec
import pytest
from sqlalchemy import inspect

from bookward.errors import SettingInvalid, StoreFailed
from bookward.settings import Settings
from bookward.store import postgres as postgres_
from bookward.store.opening import has_state
from bookward.store.store import Store
from bookward.store.tables import metadata
from tests.fakes import FakeClock
from tests.peers.databases import new_database
from tests.peers.postgres import Postgres
from tests.unit.store.conftest import POSTGRES
from tests.unit.store.test_store import NOW, PATIENCE, accepted, operation

PASSWORD = "s3/cr@t"


@pytest.fixture
def kind() -> str:
    return POSTGRES


def refused(tmp_path: Path, url: str) -> StoreFailed:
    """Return how a database at a URL is refused, which must name the variable and no password."""
    with pytest.raises(StoreFailed) as caught:
        Store(Settings.read(tmp_path, {"BOOKWARD_DATABASE_URL": url}), FakeClock())
    said = f"{caught.value.message} {caught.value.remedy}"
    assert "BOOKWARD_DATABASE_URL" in said
    assert PASSWORD not in said
    assert quote(PASSWORD, safe="") not in said
    assert "\n" not in said
    return caught.value


@pytest.fixture
def reader(postgres: Postgres) -> Iterator[str]:
    """A role that may connect and do nothing else; its URL, with `{}` for the database."""
    postgres.execute(f"CREATE ROLE reader LOGIN PASSWORD '{PASSWORD}'")
    yield f"postgresql://reader:{quote(PASSWORD, safe='')}@{postgres.host}:{postgres.port}/{{}}"
    postgres.execute("DROP ROLE reader")


def test_no_server_answers(tmp_path: Path) -> None:
    error = refused(tmp_path, f"postgresql://me:{quote(PASSWORD, safe='')}@127.0.0.1:1/books")
    assert error.message.startswith("BOOKWARD_DATABASE_URL: the database 127.0.0.1:1/books cannot be used: ")
    assert "refused" in error.message


@pytest.mark.parametrize("database", ["postgres", "none"])
def test_a_wrong_password_and_a_database_that_is_not_there(
    tmp_path: Path, postgres: Postgres, database: str
) -> None:
    password = postgres.password if database == "none" else quote(PASSWORD, safe="")
    url = f"postgresql://{postgres.user}:{password}@{postgres.host}:{postgres.port}/{database}"
    error = refused(tmp_path, url)
    wrong = 'database "none" does not exist' if database == "none" else "password authentication failed"
    assert wrong in error.message
    assert postgres.password not in error.message


def test_a_role_that_may_not_make_tables(tmp_path: Path, environ: dict[str, str], reader: str) -> None:
    url = reader.format(environ["BOOKWARD_DATABASE_URL"].rpartition("/")[2])
    assert "permission denied" in refused(tmp_path, url).message


def test_a_role_that_may_not_write(store: Store, settings: Settings, reader: str, tmp_path: Path) -> None:
    url = reader.format(str(settings.database_url).rpartition("/")[2])
    with store._database.writing() as connection:
        connection.exec_driver_sql("GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader")
    read_only = Settings.read(tmp_path, {"BOOKWARD_DATABASE_URL": url})
    with closing(Store(read_only, FakeClock())) as other, pytest.raises(StoreFailed) as caught:
        other.runs.begin("run", "a", NOW, "{}")
    assert "permission denied for table" in caught.value.message
    assert "BOOKWARD_DATABASE_URL" in caught.value.message
    with store._database.writing() as connection:
        connection.exec_driver_sql("DROP OWNED BY reader")


def test_a_server_that_is_too_old(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres_, "OLDEST", 99)
    error = refused(tmp_path, str(settings.database_url))
    assert error.remedy == "Use PostgreSQL 99 or newer."


@pytest.mark.parametrize(
    "url",
    [
        "sqlite:///state.db",
        "mysql://me@host/books",
        "host=localhost dbname=books",
        f"postgresql://me:{PASSWORD}@host/books",
        "postgresql://me@host",
        "postgresql://me:a%zzb@host/",
    ],
)
def test_what_is_no_address_is_refused_without_being_shown(tmp_path: Path, url: str) -> None:
    with pytest.raises(SettingInvalid, match="BOOKWARD_DATABASE_URL is no address") as caught:
        Settings.read(tmp_path, {"BOOKWARD_DATABASE_URL": url})
    assert url not in f"{caught.value.message} {caught.value.remedy}"


def test_an_address_that_only_the_driver_knows_to_be_wrong_is_not_shown(tmp_path: Path) -> None:
    assert "is no address" in refused(tmp_path, "postgresql://me:a%zzb@host/books").message


def test_settings_that_are_printed_hold_no_password(settings: Settings, postgres: Postgres) -> None:
    assert postgres.password not in repr(settings)


def test_a_server_that_went_away_says_so_and_is_found_again(tmp_path: Path, postgres: Postgres) -> None:
    with new_database(postgres) as url:
        settings = Settings.read(tmp_path, {"BOOKWARD_DATABASE_URL": url})
        with closing(Store(settings, FakeClock())) as store:
            store.runs.begin("run", "a", NOW, "{}")
            postgres.stop()
            try:
                with pytest.raises(StoreFailed, match="BOOKWARD_DATABASE_URL"):
                    store.runs.get("run")
            finally:
                postgres.start()
            assert store.runs.get("run").sync == "a"


def test_looking_for_a_state_makes_none(settings: Settings, postgres: Postgres) -> None:
    assert not has_state(settings)
    assert not has_state(settings)
    assert not settings.state.exists()
    Store(settings, FakeClock()).close()
    assert has_state(settings)
    assert not (settings.state / "state.db").exists()


def test_processes_that_find_no_tables_at_once_make_them_once(settings: Settings) -> None:
    ready = Barrier(3)

    def open_() -> None:
        ready.wait()
        Store(settings, FakeClock()).close()

    with ThreadPoolExecutor(3) as threads:
        for opening in [threads.submit(open_) for _ in range(3)]:
            opening.result()
    assert has_state(settings)


def test_what_is_sent_is_on_disk_first_whatever_the_server_is_set_to(
    store: Store, postgres: Postgres
) -> None:
    name = str(store._database.shown).rpartition("/")[2]
    for default in ("off", "on"):
        postgres.execute(f"ALTER DATABASE {name} SET synchronous_commit = {default}")
        store._database.close()
        for at_once, wanted in ((True, "on"), (False, "off"), (True, "on")):
            with store._database.writing(at_once=at_once) as connection:
                assert connection.exec_driver_sql("SHOW synchronous_commit").scalar() == wanted


def test_transactions_are_what_the_code_relies_on_whatever_the_server_is_set_to(
    store: Store, postgres: Postgres
) -> None:
    name = str(store._database.shown).rpartition("/")[2]
    postgres.execute(f"ALTER DATABASE {name} SET default_transaction_isolation = serializable")
    postgres.execute(f"ALTER DATABASE {name} SET timezone = 'Pacific/Auckland'")
    store._database.close()
    with store._database.writing() as connection:
        assert connection.exec_driver_sql("SHOW transaction_isolation").scalar() == "read committed"
    with store._database.reading() as connection:
        assert connection.exec_driver_sql("SHOW transaction_isolation").scalar() == "repeatable read"
        assert connection.exec_driver_sql("SHOW transaction_read_only").scalar() == "on"
    store.runs.begin("run", "a", NOW, "{}")
    assert store.runs.get("run").started_at == NOW


def test_all_text_is_in_the_order_of_its_bytes(store: Store) -> None:
    with store._database.reading() as connection:
        found = inspect(connection)
        collations = {
            (table, column["name"]): getattr(column["type"], "collation", "C")
            for table in metadata.tables
            for column in found.get_columns(table)
        }
    assert [place for place, collation in collations.items() if collation != "C"] == []


def test_rows_come_in_the_same_order_as_from_a_file(store: Store) -> None:
    keys = ["b", "a", "Z", "ä", "10", "9", "a b", "a-b", "_"]
    operations = [msgspec.structs.replace(operation(seq), key=key) for seq, key in enumerate(keys)]
    store.journal("run-1").expect(operations, [accepted(seq) for seq in range(len(keys))])
    store.sync("a").fold("run-1", "o", None, PATIENCE)
    assert [row.key for row in store.row_states("a").list()] == sorted(keys, key=str.encode)
