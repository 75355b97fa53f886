"""The documentation's site is built without a warning: no link leads nowhere, no page is left out."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_site_is_built_without_a_warning(tmp_path: Path) -> None:
    site = tmp_path / "site"
    build = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-c", "docs", ".", str(site)]
    done = subprocess.run(build, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    page = (site / "docs" / "index.html").read_text(encoding="utf-8")
    assert "From nothing to a first sync" in page
    assert "http://" not in page.replace("http://www.w3.org", "")  # nothing is loaded from elsewhere
