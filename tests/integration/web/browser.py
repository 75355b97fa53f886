"""A browser, as far as signing in by way of another site needs one: navigation, redirects, and cookies.

Cookies are kept to the rules of RFC 6265bis on SameSite: a navigation that another site has begun, redirects
included, brings no strict cookie along, and lax ones only when it is a GET.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any

import httpx

from bookward.serving import csrf_of
from tests.integration.web.exchanges import keep_exchange


@dataclass
class Cookie:
    value: str
    host: str
    path: str
    same_site: str
    http_only: bool
    secure: bool
    max_age: str


@dataclass
class Browser:
    """One browser of one person."""

    cookies: dict[tuple[str, str], Cookie] = field(default_factory=dict)
    asked: list[httpx.Request] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)  #: everything that it was ever shown
    foreign: set[int] = field(default_factory=set)  #: ports that stand for a site of their own

    def visit(self, url: str, *, clicked_on: str | None = None, form: Any = None) -> httpx.Response:
        """Go to an address, typed or clicked on a page of another one, and wherever that leads."""
        cross_site, method = (
            clicked_on is not None and self._site(clicked_on) != self._site(url),
            "POST" if form else "GET",
        )
        while True:
            response = self._send(method, httpx.URL(url), cross_site=cross_site, data=form)
            if not response.is_redirect:
                return response
            following = str(httpx.URL(url).join(response.headers["location"]))
            # Once another site is in the chain, all that follows is begun by it.
            cross_site = cross_site or self._site(following) != self._site(url)
            url, method, form = following, "GET", None

    def fetch(self, method: str, url: str, **more: Any) -> httpx.Response:
        """Do what a page of the server itself does: with all cookies, the origin and the session's token."""
        origin = f"{httpx.URL(url).scheme}://{httpx.URL(url).netloc.decode()}"
        headers = {"Origin": origin, "Sec-Fetch-Site": "same-origin"}
        if session := self.cookies.get((httpx.URL(url).host, "bookward_session")):
            headers["X-CSRF-Token"] = csrf_of(session.value)
        return self._send(method, httpx.URL(url), cross_site=False, headers=headers, **more)

    def cookie(self, url: str, name: str, value: str, same_site: str = "strict") -> None:
        """Have a cookie."""
        host = httpx.URL(url).host
        self.cookies[host, name] = Cookie(value, host, "/", same_site, True, False, "")

    def _send(self, method: str, url: httpx.URL, *, cross_site: bool, **more: Any) -> httpx.Response:
        sent = {
            name: each.value
            for (host, name), each in self.cookies.items()
            if host == url.host
            and url.path.startswith(each.path)
            and (not cross_site or (each.same_site == "lax" and method == "GET"))
        }
        headers = {"Sec-Fetch-Site": "cross-site" if cross_site else "none"} | more.pop("headers", {})
        if sent:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in sent.items())
        with httpx.Client(trust_env=False, timeout=60, verify=False) as client:
            response = client.request(method, url, headers=headers, follow_redirects=False, **more)
        keep_exchange(response)
        self.asked.append(response.request)
        self.answers.append(response.text)
        for line in response.headers.get_list("set-cookie"):
            self._take(url.host, line)
        return response

    def _take(self, host: str, line: str) -> None:
        ((name, said),) = SimpleCookie(line).items()
        if said["max-age"] == "0":
            self.cookies.pop((host, name), None)
            return
        self.cookies[host, name] = Cookie(
            said.value,
            host,
            said["path"] or "/",
            said["samesite"].lower() or "lax",
            bool(said["httponly"]),
            bool(said["secure"]),
            said["max-age"],
        )

    def _site(self, url: str) -> tuple[str, str, int]:
        """Return what of an address tells one site from another: not the port, but here it may."""
        said = httpx.URL(url)
        return said.scheme, said.host, said.port if said.port in self.foreign else 0
