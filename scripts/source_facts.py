"""What people are told of each kind of source beside its settings: above all, what it was tested against."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class About:
    """A kind of source."""

    title: str
    extra: str = ""  #: of the package; "" where the driver comes along
    tested: str  #: a real server, an emulator or a stub of the protocol
    notes: tuple[str, ...] = ()  #: how its types are read, where that is not plain


ABOUT = {
    "sample": About(title="The sample warehouse", tested="itself: a real DuckDB file"),
    "postgres": About(title="PostgreSQL", extra="postgres", tested="a real server (PostgreSQL)"),
    "mysql": About(
        title="MySQL and MariaDB",
        extra="mysql",
        tested="a real server (MariaDB 10.11); MySQL itself was not at hand",
        notes=(
            """A `TINYINT(1)`, which is what MySQL makes of a boolean, is a small integer. A `TIME` is text:
it is a span of up to 838 hours. A `TIMESTAMP` is read in UTC, a `DATETIME` has no zone. Decimals of more
than 38 digits are exact text. The day `0000-00-00` is read as 0001-01-01.""",
            """A query within a query loses its order in MariaDB: a preview shows some rows, and not those
that an `ORDER BY` puts first.""",
        ),
    ),
}
