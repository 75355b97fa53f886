"""The page on which a person lets an app in, and a short cut for those who have no browser."""

from __future__ import annotations

import json
from collections.abc import Sequence
from html import escape
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPRedirectHandler, Request, build_opener

from bookward.demo.xero.answers import HTML, Answer
from bookward.demo.xero.options import App, Company

_STYLE = """
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center;
  background: #eef3f7; color: #12263a; }
main { background: #fff; border-radius: 12px; padding: 2rem 2.25rem; max-width: 26rem; margin: 1rem;
  box-shadow: 0 8px 30px #0b2a4a22; }
h1 { font-size: 1.25rem; margin: 0 0 .25rem; } p { margin: .25rem 0 1rem; color: #4b6075; }
fieldset { border: 1px solid #cfdbe6; border-radius: 8px; margin: 0 0 1rem; padding: .75rem 1rem; }
legend { padding: 0 .4rem; font-weight: 600; } label { display: block; padding: .2rem 0; }
ul { margin: 0; padding-left: 1.1rem; font-size: .9rem; }
.row { display: flex; gap: .75rem; justify-content: flex-end; }
button { font: inherit; border-radius: 8px; padding: .55rem 1.1rem; border: 1px solid #b8c7d6;
  cursor: pointer; background: transparent; color: inherit; }
button.main { background: #0b6e99; border-color: #0b6e99; color: #fff; }
button:focus-visible, input:focus-visible { outline: 3px solid #f2a33a; outline-offset: 2px; }
@media (prefers-color-scheme: dark) { body { background: #0f1a24; color: #dce8f2; }
  main { background: #182734; } p { color: #9db2c4; } fieldset { border-color: #35495b; } }
"""


def page(app: App, companies: Sequence[Company], scopes: Sequence[str], *, several: bool) -> Answer:
    """Return the consent page; the form goes back to the very address it came from."""
    kind = "checkbox" if several and len(companies) > 1 else "radio"
    choices = "".join(
        f'<label><input type="{kind}" name="tenant" value="{company.id}"{" checked" if not place else ""}>'
        f" {escape(company.name)}</label>"
        for place, company in enumerate(companies)
    )
    asked = "".join(f"<li>{escape(scope)}</li>" for scope in scopes)
    return _html(
        200,
        f"{app.name} wants access",
        f"<h1>{escape(app.name)} wants access</h1>"
        "<p>This is a local Xero for trying things out. No real organisation is touched.</p>"
        f'<form method="post"><fieldset><legend>Organisation</legend>{choices}</fieldset>'
        f"<fieldset><legend>What it may do</legend><ul>{asked}</ul></fieldset>"
        '<div class="row"><button name="decision" value="deny">Cancel</button>'
        '<button class="main" name="decision" value="allow">Allow access</button></div></form>',
    )


def error_page(code: str, explanation: str) -> Answer:
    """Return the page for a request to sign in that cannot even be sent back."""
    body = (
        f"<h1>Sorry, something went wrong</h1><p>{escape(explanation)}</p><p><code>{escape(code)}</code></p>"
    )
    return _html(400, "Sorry, something went wrong", body)


def approve(url: str, tenants: Sequence[str] = (), *, decision: str = "allow") -> str:
    """Press the button on the consent page at ``url`` and return the address it sends the browser to.

    Args:
        tenants: the ids of the organisations to tick; none for the one ticked already.

    Raises:
        ValueError: the page does not send the browser anywhere; the message is the page.
    """
    form = urlencode([("decision", decision), *(("tenant", tenant) for tenant in tenants)])
    request = Request(url, form.encode(), method="POST")  # noqa: S310 - the local Xero's own address
    try:
        with build_opener(_Stay).open(request) as response:
            page_ = response.read().decode()
    except HTTPError as answer:
        with answer:
            if location := answer.headers.get("Location"):
                return str(location)
            page_ = answer.read().decode()
    raise ValueError(f"The sign-in was not sent back: {json.dumps(page_)}")


class _Stay(HTTPRedirectHandler):
    """Follow no redirect."""

    def redirect_request(self, *_args: object, **_more: object) -> None:
        return None


def _html(status: int, title: str, body: str) -> Answer:
    text = (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{_STYLE}</style></head><body><main>{body}</main></body></html>"
    )
    return Answer(status=status, type=HTML, body=text.encode())
