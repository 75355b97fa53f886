"""The files of the web app: one page everywhere, under a policy that lets nothing else in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from starlette.responses import PlainTextResponse

from bookward.web import site
from bookward.web.gate import Gate
from tests.integration.web.site import listening

API = PlainTextResponse("the API")


@pytest.fixture
def built(tmp_path: Path) -> Path:
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets" / "main-1a2b.js").write_text("go()")
    (tmp_path / "icon.svg").write_text("<svg/>")
    (tmp_path / ".digest").write_text("secret of the build")
    (tmp_path / "index.html").write_text('<meta name="csp-nonce" content="@nonce@">')
    return tmp_path


@contextmanager
def client_of(built: Path) -> Iterator[httpx.Client]:
    gate = Gate(site.Site(API, built), ["127.0.0.1"], secure=False)
    with listening(lambda _: gate) as url, httpx.Client(base_url=url) as client:
        yield client


@pytest.mark.parametrize("path", ["/", "/syncs/users?tab=rows", "/anything/at/all"])
def test_every_address_is_the_page_with_a_word_of_its_own(built: Path, path: str) -> None:
    with client_of(built) as client:
        first, second = client.get(path), client.get(path)
    words = [re.search(r'content="([\w-]{20,})"', each.text) for each in (first, second)]
    assert words[0]
    assert words[1]
    assert words[0][1] != words[1][1]
    policy = first.headers["content-security-policy"]
    assert f"style-src 'self' 'nonce-{words[0][1]}'" in policy
    assert "script-src 'self';" in policy
    assert "default-src 'none'" in policy
    assert first.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("path", ["/api/v1/runs", "/healthz", "/readyz"])
def test_the_api_keeps_its_addresses(built: Path, path: str) -> None:
    with client_of(built) as client:
        assert client.get(path).text == "the API"


def test_who_takes_brotli_gets_the_copy_that_the_build_has_compressed(built: Path) -> None:
    (built / "assets" / "main-1a2b.js.br").write_bytes(b"brotli's own")
    (built / "assets" / "plain-3c4d.js").write_text("stay()")
    with client_of(built) as client:

        def asked(name: str, accepted: str) -> tuple[bytes, str | None]:
            with client.stream("GET", f"/assets/{name}", headers={"Accept-Encoding": accepted}) as answer:
                assert answer.headers["content-type"].startswith("text/javascript")
                assert "immutable" in answer.headers["cache-control"]
                return b"".join(answer.iter_raw()), answer.headers.get("content-encoding")

        assert asked("main-1a2b.js", "gzip, deflate, br") == (b"brotli's own", "br")
        assert asked("main-1a2b.js", "gzip, br;q=0") == (b"go()", None)
        assert asked("plain-3c4d.js", "br") == (b"stay()", None)


def test_what_is_no_look_at_a_page_goes_to_the_api(built: Path) -> None:
    with client_of(built) as client:
        assert client.post("/syncs").text == "the API"


def test_assets_are_kept_for_good_and_others_asked_for_again(built: Path) -> None:
    with client_of(built) as client:
        asset, icon = client.get("/assets/main-1a2b.js"), client.get("/icon.svg")
    assert (asset.text, asset.headers["cache-control"]) == ("go()", "public, max-age=31536000, immutable")
    assert (icon.headers["content-type"], icon.headers["cache-control"]) == ("image/svg+xml", "no-cache")


@pytest.mark.parametrize(
    "path", ["/assets/../.digest", "/assets/%2e%2e/.digest", "/.digest", "/assets/no.js"]
)
def test_nothing_else_of_the_folder_is_served(built: Path, path: str) -> None:
    with client_of(built) as client:
        assert "secret of the build" not in client.get(path).text


@pytest.mark.parametrize("name", ["main-of-yesterday.js", "", "%2e%2e/.digest", "x" * 300])
def test_what_a_page_of_an_older_version_asks_for_is_not_there_any_more(
    built: Path, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    with client_of(built) as client:
        gone = client.get(f"/assets/{name}", headers={"Accept-Encoding": "br"})
    assert (gone.status_code, gone.text) == (404, "There is no such file in this version of Bookward.")
    assert gone.headers["cache-control"] == "no-store"
    assert caplog.records == []


def test_without_a_web_app_a_text_says_so(tmp_path: Path) -> None:
    with client_of(tmp_path / "nothing") as client:
        first, other = client.get("/"), client.get("/syncs")
    assert (first.status_code, other.status_code) == (200, 404)
    assert "without its web app" in first.text
