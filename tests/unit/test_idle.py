"""What a server that has nothing to do keeps in memory."""

import subprocess
import sys
from pathlib import Path

TURNS = """
import sys
from contextlib import closing
from pathlib import Path
import bookward.cli.backend, bookward.cli.verbs.serve, bookward.hearing, bookward.tuning
from bookward.app import App
from bookward.sources.base import source_classes
from bookward.web.process import create

with closing(App(Path(sys.argv[1]), environ={"BOOKWARD_KEY_FILE": sys.argv[2]})) as app:
    create(app)
    queue = app.queue
    queue.work()
    scheduler = queue.scheduler()
    for _ in range(2):
        queue.take_back()
        scheduler.tick()
        queue.to_be_cancelled()
        assert queue.take() is None
        app.alerts.turn()
        queue.job_watch().look()
        app.publish()
        app.forget()
print(*sorted(sys.modules.keys() & set(sys.argv[3:])))
assert [*source_classes().values()]
print(*sorted(sys.modules.keys() & set(sys.argv[3:])))
"""
HEAVY = ("pyarrow", "duckdb", "_duckdb", "sqlglot", "liquid", "joserfc", "bookward.alerts.channels.webhook")
KINDS = ("bookward.sources.mysql", "bookward.sources.postgres", "bookward.sources.snowflake")
FILES = {
    "project.yaml": "name: Idle\n",
    "sources/warehouse.yaml": "type: postgres\nurl: postgresql://127.0.0.1:1/x\n",
    "models/users.yaml": "source: warehouse\nprimary_key: id\n",
    "models/users.sql": "SELECT id, name FROM users\n",
    "destinations/xero.yaml": "type: xero\nclient_id: x\n",
    "syncs/users.yaml": (
        "model: users\ndestination: xero\nobject: contacts\nmatch: {ContactNumber: id}\n"
        "fields: {Name: name}\nschedule: {every: 12h}\n"
    ),
}


def test_an_idle_server_imports_no_library_that_only_rows_need(tmp_path: Path) -> None:
    for name, text in FILES.items():
        (tmp_path / "project" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "project" / name).write_text(text)
    command = [sys.executable, "-c", TURNS, tmp_path / "project", tmp_path / "key", *HEAVY, *KINDS]
    answer = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert (answer.stdout, answer.stderr) == (f"{KINDS[1]}\n{' '.join(KINDS)}\n", "")
