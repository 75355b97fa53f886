"""The driver of PostgreSQL, ADBC's, and one address of it that may be dialled more than once."""

from __future__ import annotations

import weakref
from types import ModuleType
from typing import Any

from bookward.sources.base import load_driver


def driver() -> ModuleType:
    """Return the driver's module.

    Raises:
        ExtraMissing: it is not installed.
    """
    return load_driver("PostgreSQL", "postgres", "adbc_driver_postgresql.dbapi")


class Database:
    """A database at an address, whose types are asked for once: that takes longer than all else of a dial.

    Types that are made later are not known to it, so it is kept no longer than its source: for one plan, say.
    """

    def __init__(self, address: str) -> None:
        """Find out the database's types.

        Raises:
            driver().Error: it cannot be reached, or refuses the sign-in.
        """
        self.address = address
        self._driver = driver()
        self._handle = self._driver.adbc_driver_postgresql.connect(address)
        weakref.finalize(self, self._handle.close)

    def connect(self) -> Any:
        """Return a new connection.

        Raises:
            driver().Error: it cannot be reached, or refuses the sign-in.
        """
        dialled = self._driver.adbc_driver_manager.AdbcConnection(self._handle)
        try:
            return self._driver.Connection(self, dialled)  # which begins a transaction there
        except self._driver.Error:
            dialled.close()
            raise

    def close(self) -> None:
        """Stay as it is: each connection closes its database, and this one is for the next one, too."""
