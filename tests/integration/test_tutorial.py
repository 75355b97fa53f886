"""The commands of docs/tutorial.md, typed by a shell one after the other, into a local Xero."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from pathlib import Path

from tests.integration.web.test_process import serving

PAGE = Path(__file__).parents[2] / "docs" / "tutorial.md"
BROWSER = "import sys; from bookward.demo.browser import allow_access; allow_access(sys.argv[1], ())"


def typed(command: str, folder: Path, environ: dict[str, str]) -> str:
    """Type one block; return what stands on the terminal after it."""
    shell = ["bash", "-euc", command]
    done = subprocess.run(
        shell, cwd=folder, env=environ, capture_output=True, text=True, timeout=120, check=False
    )
    return done.stdout + done.stderr


def test_every_command_does_what_the_page_says(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = str(listener.getsockname()[1])
    environ = {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "HOME": str(tmp_path),
        "BROWSER": f"{sys.executable} -c '{BROWSER}' %s",
    }
    text = PAGE.read_text(encoding="utf-8").replace("8400", port)
    blocks = re.findall(r"```sh\n(.*?)```", text, re.DOTALL)
    install, look, xero, sign_in, plan, run, again, change, prove, serve = blocks
    assert "pip install" in install
    books = tmp_path / "my-books"
    typed("bookward init my-books", tmp_path, environ)
    seen = typed(look.replace("bookward check", "bookward check || true"), books, environ)
    assert ("XERO_CLIENT_ID" in seen, "email" in seen) == (True, True)
    local_xero = subprocess.Popen(["bash", "-c", f"exec {xero}"], cwd=tmp_path, env=environ)
    try:
        assert "Demo" in typed(sign_in, books, environ)
        assert "insert" in typed(f"{plan.strip()}", books, environ).lower()
        first = typed(run.replace("\nbookward rows", "\nbookward rows", 1), books, environ)
        assert re.search(r"accepted\s+1,000", first), first
        second = typed(f"{again.strip()}", books, environ)
        assert "no change; 0 calls" in second, second
        changed = typed(change.replace("limit 3", "limit 3"), books, environ)
        assert "Ada Renamed" in changed
        proof = typed(prove, books, environ)
        assert "All 1,000 rows are in the books, no record too many." in proof, proof
        assert len(list(books.glob("run-*.html"))) == 1
        assert serve == "bookward serve\n"
        with serving(books) as process:
            assert "/join#" in process.first_admin
    finally:
        local_xero.terminate()
        local_xero.wait(timeout=20)
