"""A browser for where there is none: opens the consent page, presses Allow, follows it back."""

from __future__ import annotations

from html.parser import HTMLParser
from urllib.parse import urljoin

import httpx


def allow_access(url: str) -> None:
    """Do what a person does on the consent page of the local Xero.

    Args:
        url: the address that the sign-in shows.
    """
    with httpx.Client(follow_redirects=True, timeout=30) as browser:
        page = browser.get(url)
        page.raise_for_status()
        form = _Form()
        form.feed(page.text)
        answer = browser.post(urljoin(str(page.url), form.action), data=form.values)
        answer.raise_for_status()


class _Form(HTMLParser):
    """The page's form as it would be sent by its first button."""

    def __init__(self) -> None:
        super().__init__()
        self.action = ""
        self.values: dict[str, str] = {}
        self._pressed = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.action = given.get("action", "")
        if tag == "input" and "name" in given and _is_sent(given):
            self.values[given["name"]] = given.get("value", "on")
        if tag == "button" and "name" in given and not self._pressed:
            self._pressed = True
            self.values[given["name"]] = given.get("value", "")


def _is_sent(given: dict[str, str]) -> bool:
    return given.get("type") not in {"checkbox", "radio"} or "checked" in given
