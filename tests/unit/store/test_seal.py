"""The key file: made once, seen whole or not at all."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from bookward.errors import StoreFailed
from bookward.settings import Settings
from bookward.store.seal import Seal


class Ended(BaseException):
    """The process, before the key has its name."""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "keys" / "key"


@pytest.fixture
def settings(tmp_path: Path, file: Path) -> Settings:
    return Settings.read(tmp_path, {"BOOKWARD_KEY_FILE": str(file)})


def test_processes_that_make_the_key_at_once_use_one(
    settings: Settings, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    generate, others = Fernet.generate_key, list[Seal]()

    def others_first() -> bytes:
        monkeypatch.setattr(Fernet, "generate_key", generate)
        others.append(Seal.from_settings(settings))
        return generate()

    monkeypatch.setattr(Fernet, "generate_key", others_first)
    seal = Seal.from_settings(settings)
    for each in (*others, Seal.from_settings(settings)):
        assert seal.open(each.close(b"token")) == b"token"
    assert len(others) == 1
    assert [path.name for path in file.parent.iterdir()] == [file.name]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_key_that_was_not_made_to_its_end_is_made_anew(
    settings: Settings, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def end(_handle: int) -> None:
        raise Ended

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", end)
        with pytest.raises(Ended):
            Seal.from_settings(settings)
    assert not file.exists()
    assert Seal.from_settings(settings).close(b"token")


def test_a_key_file_that_cannot_be_had_says_what_to_set(settings: Settings, file: Path) -> None:
    file.mkdir(parents=True)
    with pytest.raises(StoreFailed, match="Is a directory") as caught:
        Seal.from_settings(settings)
    assert "BOOKWARD_KEY_FILE" in caught.value.remedy
