from __future__ import annotations

import subprocess
import sys

_PROGRAM = """
import sys
sys.path.insert(0, {root!r})
from bookward.cli.main import command_line
from tests.unit.cli.fake_app import FakeApp, FakeBackend
from tests.unit.cli.samples import call, run
app = FakeApp()
app.past = [run(sync="Zürich → Ōsaka")]
app.call_list = [call()] * 5000
command_line.main({words!r}, obj=FakeBackend(app))
"""


def _started(words: list[str], root: str, **environment: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", _PROGRAM.format(words=words, root=root)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={"PATH": "", **environment},
    )


def _closed_early(words: list[str], root: str) -> tuple[int, bytes]:
    process = _started(words, root)
    assert process.stdout
    assert process.stderr
    process.stdout.read(10)
    process.stdout.close()
    said = process.stderr.read()
    process.stderr.close()
    return process.wait(), said


def test_a_reader_that_leaves_early_is_no_error_worth_a_word(pytestconfig) -> None:
    for words in (["calls", "last", "--json", "--limit", "0"], ["calls", "last", "--full", "--limit", "0"]):
        code, said = _closed_early(words, str(pytestconfig.rootpath))
        assert said == b""
        assert code == 141


def test_a_terminal_without_the_letters_still_gets_the_text(pytestconfig) -> None:
    process = _started(["history"], str(pytestconfig.rootpath), PYTHONIOENCODING="ascii", LC_ALL="C")
    shown, said = process.communicate()
    assert process.returncode == 0, said
    assert b"Z\\xfcrich" in shown


def test_json_is_utf_8_whatever_the_terminal_is(pytestconfig) -> None:
    process = _started(["history", "--json"], str(pytestconfig.rootpath), PYTHONIOENCODING="ascii")
    shown, _ = process.communicate()
    assert "Zürich → Ōsaka" in shown.decode()
