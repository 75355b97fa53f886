"""A request whose numbers are exact: 1.10 is not the float that is nearest to it."""

from __future__ import annotations

from json import JSONDecodeError
from typing import Any

from starlette.requests import Request

from bookward import exactjson


class ExactRequest(Request):
    """Reads its JSON with ``exactjson``."""

    async def json(self) -> Any:
        """Return what the body says.

        Raises:
            JSONDecodeError: it is no JSON.
        """
        try:
            return exactjson.decode(await self.body())
        except (exactjson.JsonError, UnicodeError, RecursionError) as error:
            raise JSONDecodeError("It is no JSON", "", 0) from error
