"""The same sync by drt: its project, for its REST destination with batches of 100.

It asks for what changed since the last run by the cursor `updated_at`, which is the most that drt can do for
an API.
"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

_PROFILE = """
bench:
  type: postgres
  host: {host}
  port: {port}
  dbname: {database}
  user: {user}
  password_env: WAREHOUSE_PASSWORD
"""
_PROJECT = """
name: bench
version: "0.1"
profile: bench
"""
_SYNC = """
name: contacts
model: SELECT * FROM contacts
destination:
  type: rest_api
  url: {sink}/rows
  method: POST
  headers: {{Content-Type: application/json}}
  body_mode: batch
  batch_template: "{{{{ rows | tojson_safe }}}}"
sync:
  mode: incremental
  cursor_field: updated_at
  batch_size: 100
  rate_limit: {{requests_per_second: 1000000}}
"""


def write_project(folder: Path, warehouse: str, sink: str) -> dict[str, str]:
    """Write project and profile; return the environment in which drt finds them."""
    address = urlsplit(warehouse)
    profile = _PROFILE.format(
        host=address.hostname, port=address.port, database=address.path[1:], user=address.username
    )
    files = {".drt/profiles.yml": profile, "drt_project.yml": _PROJECT}
    for path, text in (files | {"syncs/contacts.yml": _SYNC.format(sink=sink)}).items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return {"HOME": str(folder), "WAREHOUSE_PASSWORD": str(address.password), "DO_NOT_TRACK": "1"}
