"""What a run imports, all of it; of this, only jemalloc begins a thread, and it knows what a fork is."""

from __future__ import annotations

import adbc_driver_manager.dbapi  # noqa: F401
import adbc_driver_postgresql.dbapi  # noqa: F401
import psycopg  # noqa: F401

import bookward.app
import bookward.cli.verbs.run
import bookward.destinations.xero.destination
import bookward.sources.postgres
import bookward.store.migrating  # noqa: F401
