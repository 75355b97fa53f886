"""Whose certificate is trusted: the driver itself knows a file of authorities only, and no name in it."""

from __future__ import annotations

from functools import cache
from ipaddress import ip_address
from types import ModuleType
from typing import Any

from bookward.sources.base import missing_extra


def context(*, verify: bool, authorities: str | None) -> Any:
    """Return how a connection is encrypted, which ``connect`` takes where it would take a file's name.

    Args:
        verify: whether the server has to prove that it is the host that was called.
        authorities: a file with the certificates that are trusted; those of this machine where there is none.
    """
    ssl = openssl()
    made = ssl.Context(ssl.TLS_METHOD)
    made.set_min_proto_version(ssl.TLS1_2_VERSION)
    made.set_max_proto_version(ssl.TLS1_2_VERSION)  # the last that TDS 7 has
    if not verify:
        made.set_verify(ssl.VERIFY_NONE)
        return made
    made.set_verify(ssl.VERIFY_PEER, _proves)
    if authorities is None:
        made.set_default_verify_paths()
    else:
        made.load_verify_locations(authorities)
    return made


def failures() -> tuple[type[Exception], ...]:
    """Return what is raised when two sides do not come to trust each other."""
    return (openssl().Error, _Impostor)


def reason(error: Exception) -> str | None:
    """Return what OpenSSL says in ``error``, None where it is not OpenSSL's."""
    said = error.args[0] if error.args else None
    return ", ".join(each[-1] for each in said) if isinstance(said, list) else None


class _Impostor(Exception):
    """A certificate is in order, and for somebody else."""


@cache
def openssl() -> ModuleType:
    """Return OpenSSL, whose contexts the driver takes from here on.

    Raises:
        ExtraMissing: it is not installed.
    """
    try:
        from OpenSSL import SSL
        from pytds import tls
    except ImportError:
        raise missing_extra("SQL Server", "sqlserver") from None
    from_file = tls.create_context
    tls.create_context = lambda file: file if isinstance(file, SSL.Context) else from_file(file)
    module: ModuleType = SSL
    return module


def _proves(connection: Any, certificate: Any, error: int, depth: int, ok: int) -> bool:
    """Tell whether a certificate may stand; a name that is not in it raises what says so."""
    from service_identity import VerificationError, cryptography

    if not ok or depth > 0:
        return bool(ok)
    host = connection.get_servername().decode()
    kind = "ip_address" if _is_address(host) else "hostname"
    try:
        getattr(cryptography, f"verify_certificate_{kind}")(certificate.to_cryptography(), host)
    except VerificationError as error_:
        raise _Impostor(f"the certificate is not for {host}") from error_
    return True


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
