"""A plain page that says one thing to whoever looks at it in a browser."""

from __future__ import annotations

import base64
import hashlib
import html

_STYLE = """
:root { color-scheme: light dark }
body { font: 1.1rem/1.5 system-ui, sans-serif; max-width: 34rem; margin: 20vh auto 0; padding: 0 1rem }
"""

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>{style}</style></head>
<body><main><h1>{title}</h1>{paragraphs}</main></body></html>
"""

_DIGEST = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()

POLICY = (
    f"default-src 'none'; style-src 'sha256-{_DIGEST}'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
"""The Content-Security-Policy under which the page looks as it should and can do nothing."""


def plain_page(title: str, *paragraphs: str, link: tuple[str, str] | None = None) -> bytes:
    """Return a page of plain text; what it is given may come from anywhere.

    Args:
        title: in one line.
        paragraphs: empty ones are left out.
        link: words and address of where to go on.
    """
    shown = "".join(f"<p>{html.escape(each)}</p>" for each in paragraphs if each)
    if link is not None:
        words, address = map(html.escape, link)
        shown += f'<p><a href="{address}">{words}</a></p>'
    return _PAGE.format(title=html.escape(title), style=_STYLE, paragraphs=shown).encode()
