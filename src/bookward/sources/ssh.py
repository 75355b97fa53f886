"""A connection over SSH, to a host whose key is pinned: nothing is sent to one that proves no other."""

from __future__ import annotations

import base64
import binascii
import io
import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager
from hashlib import sha256
from itertools import pairwise
from types import ModuleType
from typing import Annotated, Any, Self

from pydantic import Field, SecretStr, model_validator

from bookward.errors import SourceFailed, SourceUnreachable
from bookward.sources.base import load_driver
from bookward.spec.base import Spec

_KEEPALIVE = 30  # seconds
_LOST_AFTER = 60_000  # milliseconds without an answer
_ALGORITHMS = {"ssh-rsa": ("rsa-sha2-512", "rsa-sha2-256")}


class HostUnproven(SourceFailed):
    """The host showed a key that is not the pinned one, or none is pinned."""


class SshSpec(Spec):
    """A host that is reached over SSH."""

    host: str
    """Name or address of the SSH server."""
    port: Annotated[int, Field(ge=1, le=65535)] = 22
    """Port of the SSH server."""
    user: str
    """Who signs in there."""
    password: SecretStr | None = None
    """The password, as `${NAME}`."""
    private_key: SecretStr | None = None
    """The private key itself, not its file's name, as `${NAME}`."""
    passphrase: SecretStr | None = None
    """What the private key is locked with, as `${NAME}`."""
    host_key: str | None = None
    """What the server proves itself by: `SHA256:...`, or the whole key, `ssh-ed25519 AAAA...`. Without it
    nothing is sent, and the error tells which one was seen."""
    connect_timeout: Annotated[int, Field(ge=1)] = 10
    """Seconds to wait for a connection."""

    @model_validator(mode="after")
    def _one_way_in(self) -> Self:
        if self.password is None and self.private_key is None:
            raise ValueError("`password` or `private_key` is needed")
        if self.host_key is not None:
            _pinned(self.host_key)
        return self


@contextmanager
def connected(spec: SshSpec, where: str) -> Iterator[Any]:
    """Give a connection whose host has proven itself, and in which the user is signed in.

    Args:
        where: begins the errors.

    Returns:
        A ``paramiko.Transport``.

    Raises:
        SourceUnreachable: there is no connection.
        HostUnproven: see there.
        SourceFailed: the sign-in was refused, or the private key cannot be read.
        ExtraMissing: paramiko is not installed.
    """
    ssh, place = driver(), f"{where} ({spec.host}:{spec.port})"
    key = _private_key(ssh, spec, where)
    try:
        dialled = socket.create_connection((spec.host, spec.port), spec.connect_timeout)
        _notice_silence(dialled)
        transport = ssh.Transport(dialled)
    except (OSError, ssh.SSHException) as error:
        raise SourceUnreachable(f"{place} cannot be reached: {one_line(error)}") from error
    with closing(transport):
        try:
            _prove_host(transport, spec, place)
            _sign_in(transport, spec, key)
        except ssh.AuthenticationException as error:
            raise SourceFailed(
                f"{place} refused the sign-in of {spec.user!r}: {one_line(error)}",
                remedy="Check user, password and private_key in the source's file.",
            ) from error
        except (OSError, EOFError, ssh.SSHException) as error:
            raise SourceUnreachable(f"{place} does not answer as SSH does: {one_line(error)}") from error
        transport.set_keepalive(_KEEPALIVE)
        yield transport


def driver() -> ModuleType:
    """Return the library for SSH.

    Raises:
        ExtraMissing: it is not installed.
    """
    return load_driver("SSH", "sftp", "paramiko", quiet=True)


def one_line(error: Exception) -> str:
    """Return an error's words, or its kind where it has none."""
    return " ".join(str(error).split()) or type(error).__name__


def _notice_silence(dialled: socket.socket) -> None:
    """Let the system give a connection up whose other end has vanished without a word."""
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        dialled.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _LOST_AFTER)


def _prove_host(transport: Any, spec: SshSpec, place: str) -> None:
    kind, pinned = _pinned(spec.host_key) if spec.host_key else ("", "")
    transport.banner_timeout = transport.auth_timeout = spec.connect_timeout
    if kind:
        # A host has keys of several kinds, and would show the one that it likes best.
        transport.get_security_options().key_types = _ALGORITHMS.get(kind, (kind,))
    transport.start_client(timeout=spec.connect_timeout)
    shown = transport.get_remote_server_key()
    seen = _fingerprint(shown.asbytes())
    if not pinned:
        raise HostUnproven(
            f"{place} is not pinned; it showed {seen} ({shown.get_name()}).",
            remedy=f"Ask whoever runs it whether that is its key; then write into the source's file: "
            f"host_key: {seen}",
        )
    if seen != pinned:
        raise HostUnproven(
            f"{place} showed {seen} ({shown.get_name()}), and pinned is {pinned}.",
            remedy="Somebody may stand in between: ask whoever runs it. If that is its key now, write "
            f"host_key: {seen}. If it is one of several, write the whole key that you know instead.",
        )


def _sign_in(transport: Any, spec: SshSpec, key: Any) -> None:
    if key is not None:
        more = transport.auth_publickey(spec.user, key)
        if not more:
            return
    # A host may ask for both.
    transport.auth_password(spec.user, spec.password.get_secret_value() if spec.password else "")


def _private_key(ssh: ModuleType, spec: SshSpec, where: str) -> Any:
    if spec.private_key is None:
        return None
    # A key that came through a variable of one line has \n where lines end.
    text = spec.private_key.get_secret_value().strip().replace("\\n", "\n") + "\n"
    passphrase = spec.passphrase.get_secret_value() if spec.passphrase else None
    for kind in (ssh.Ed25519Key, ssh.ECDSAKey, ssh.RSAKey):
        try:
            return kind.from_private_key(io.StringIO(text), passphrase)
        except ssh.PasswordRequiredException:
            break
        except (ssh.SSHException, ValueError, TypeError, IndexError):
            continue  # of another kind, or no key: told below without its words, which may repeat it
    raise SourceFailed(
        f"{where}: the private key cannot be read.",
        remedy="Give the whole text of an Ed25519, ECDSA or RSA key as private_key, and its passphrase if "
        "it is locked by one.",
    )


def _pinned(text: str) -> tuple[str, str]:
    """Return which kind of key is pinned, "" where any, and its fingerprint."""
    words = text.split()
    if len(words) == 1 and words[0].startswith("SHA256:"):
        return "", words[0].rstrip("=")
    for kind, key in pairwise(words):
        if kind.startswith(("ssh-", "ecdsa-")) and key.startswith("AAAA"):
            try:
                return kind, _fingerprint(base64.b64decode(key, validate=True))
            except binascii.Error:
                break
    raise ValueError("`host_key` is a fingerprint, SHA256:..., or a whole key, ssh-ed25519 AAAA...")


def _fingerprint(key: bytes) -> str:
    return f"SHA256:{base64.b64encode(sha256(key).digest()).decode().rstrip('=')}"
