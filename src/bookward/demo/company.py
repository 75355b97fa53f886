"""The demo company's project folder, and what happens to its users overnight."""

from __future__ import annotations

import shutil
from importlib.resources import as_file, files
from pathlib import Path

from bookward.demo.xero.options import WEB_APP
from bookward.errors import FilesInTheWay, SettingInvalid
from bookward.heavy import duckdb

_NOT_IN_GIT = ".env\n.bookward/\nwarehouse.duckdb\nlocal-xero.db*\n"
BOOKS = "local-xero.db"
"""The file in which the local Xero keeps its books."""

_MARK = ".demo"  # tells a folder that this demo made from one that a person made


def make_company(folder: Path, users: int) -> Path | None:
    """Write the demo project into ``folder``; return where that of an earlier demo is kept, if there was one.

    Args:
        users: how many users the company has.

    Raises:
        FilesInTheWay: the folder is there and is not an earlier demo's.
    """
    kept = _set_aside(folder) if folder.exists() else None
    with as_file(files("bookward.demo") / "company") as template:
        shutil.copytree(template, folder)
    (folder / _MARK).touch()
    (folder / ".gitignore").write_text(_NOT_IN_GIT)
    warehouse = folder / "sources" / "warehouse.yaml"
    warehouse.write_text(warehouse.read_text().replace("users: 1000", f"users: {users}"))
    return kept


def require_company(folder: Path) -> None:
    """Make sure that an earlier demo is in ``folder``, with its warehouse and its books.

    Raises:
        SettingInvalid: it is not.
    """
    for name in (_MARK, "warehouse.duckdb", BOOKS):
        if not (folder / name).exists():
            raise SettingInvalid(
                f"There is no {folder / name}: no demo was left here.",
                remedy="Go to where one was, or run `bookward demo`.",
            )


def _set_aside(folder: Path) -> Path:
    """Keep what somebody may have made in an earlier demo; only what was kept before that goes."""
    if not (folder / _MARK).exists():
        raise FilesInTheWay(f"{folder} is there already, and no demo made it.")
    kept = folder.with_name(f"{folder.name}-before")
    if kept.exists():
        if not (kept / _MARK).exists():
            raise FilesInTheWay(f"{kept} is there already, and no demo made it.")
        shutil.rmtree(kept)
    return folder.rename(kept)


def point_to(folder: Path, xero_url: str) -> None:
    """Give the project the address of the local Xero and the app that is registered there."""
    (folder / ".env").write_text(
        f"XERO_CLIENT_ID={WEB_APP.id}\nXERO_CLIENT_SECRET={WEB_APP.secret}\nXERO_URL={xero_url}\n"
    )


def change_users(folder: Path) -> tuple[int, int]:
    """Change 1 % of the users and delete three; return how many were changed and deleted."""
    with duckdb.connect(str(folder / "warehouse.duckdb")) as warehouse:
        deleted = warehouse.execute("DELETE FROM users WHERE id IN (7, 77, 777)").fetchall()
        changed = warehouse.execute(
            "UPDATE users SET city = 'Wellington', region = 'Wellington', country = 'New Zealand', "
            "postal_code = '6011' WHERE id % 100 = 1"
        ).fetchall()
    return changed[0][0], deleted[0][0]


def move_users(folder: Path) -> int:
    """Let eight of ten users of a small company move again, and as many of a large one; return how many."""
    with duckdb.connect(str(folder / "warehouse.duckdb")) as warehouse:
        moved = warehouse.execute(
            "UPDATE users SET city = 'Auckland', region = 'Auckland', country = 'New Zealand', "
            "postal_code = '1010' WHERE id <= 1000 AND id % 10 > 1"
        ).fetchall()
    return int(moved[0][0])
