"""The demo company's project folder, and what happens to its users overnight."""

from __future__ import annotations

import shutil
from importlib.resources import as_file, files
from pathlib import Path

import duckdb

from bookward.demo.xero.options import WEB_APP
from bookward.errors import FilesInTheWay

_MARK = ".demo"  # tells a folder that this demo made from one that a person made


def make_company(folder: Path, users: int) -> None:
    """Write the demo project into ``folder``, replacing the one of an earlier demo.

    Args:
        users: how many users the company has.

    Raises:
        FilesInTheWay: the folder is there and is not an earlier demo's.
    """
    if folder.exists():
        if not (folder / _MARK).exists():
            raise FilesInTheWay(f"{folder} is there already, and no demo made it.")
        shutil.rmtree(folder)
    with as_file(files("bookward.demo") / "company") as template:
        shutil.copytree(template, folder)
    (folder / _MARK).touch()
    warehouse = folder / "sources" / "warehouse.yaml"
    warehouse.write_text(warehouse.read_text().replace("users: 1000", f"users: {users}"))


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
