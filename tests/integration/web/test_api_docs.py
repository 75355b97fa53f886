"""The commands of docs/api.md, run by a shell one after the other, as a newcomer would type them."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from bookward.app import init
from tests.integration.web.site import PASSWORD
from tests.integration.web.test_process import secret_of, serving, user

DOC = Path(__file__).parents[3] / "docs" / "api.md"


def test_every_command_does_what_the_page_says(tmp_path: Path) -> None:
    root = tmp_path / "books"
    init(root)
    first, *blocks = re.findall(r"```sh\n(.*?)```", DOC.read_text(encoding="utf-8"), re.DOTALL)
    assert "bookward serve" in first
    with serving(root) as process:
        script = "\n".join(blocks).replace("http://localhost:8000", process.url)
        script = script.replace("bwl_...", secret_of(process.first_admin)).replace('"..."', f'"{PASSWORD}"')
        # What each request was answered goes to stderr, so that pipes get the answer alone.
        typed = "curl() { command curl -w '%{stderr}%{http_code}\\n' \"$@\"; }\n" + script
        done = subprocess.run(
            ["sh", "-eu", "-c", typed], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
        )
    joined, signed_in, token = 201, 201, 201
    check, tables, preview, secret, seen, saved = 200, 200, 200, 204, 200, 200
    asked, runs, invited = 202, 200, 201
    connection = 200
    *codes, live, rows, last = [int(line) for line in done.stderr.split()]
    alert, states = 200, 200
    told = [alert, states]
    assert codes == [
        joined,
        signed_in,
        token,
        check,
        tables,
        preview,
        secret,
        seen,
        saved,
        *told,
        connection,
        asked,
        runs,
    ]
    # Nobody has signed in at Xero: whether there is a run by now is a matter of moments.
    assert {live, rows} <= {200, 404}
    assert last == invited
    assert done.returncode == 0
    assert "WHERE id > 10" in (root / "models/users.sql").read_text()
    assert user(root, "list")[1]["people"][0]["email"] == "ana@example.com"
