"""A gate before a server that lets everybody in: who signs in has to do it by a certificate, MONGODB-X509.

Source: MongoDB, "Driver Authentication", MONGODB-X509; and "Use x.509 Certificates to Authenticate Clients":
the user is the subject of the certificate that the client has shown when the connection was made.
"""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.peers.mongodbgate import Connection, refused


def shown_certificate(own: Path, trusted: Path, user: str) -> type[Connection]:
    """Return what lets ``user`` in.

    Args:
        own: the gate's certificate and its key.
        trusted: certificates that a client has to show one of, or that are of who signed it.
        user: the common name in the certificate of who may sign in.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(own)
    context.load_verify_locations(trusted)
    context.verify_mode = ssl.CERT_REQUIRED

    class ShownCertificate(Connection):
        encrypted = context

        def sign_in(self, asked: Mapping[str, Any]) -> Mapping[str, Any] | None:
            if "authenticate" not in asked:
                return None
            assert asked["mechanism"] == "MONGODB-X509"
            assert asked["$db"] == "$external"
            subject = f"CN={_common_name(self.request.getpeercert())}"
            self.signed_in = subject == f"CN={user}" and asked.get("user", subject) == subject
            if not self.signed_in:
                return refused(18, f'Could not find user "{subject}" for db "$external"')
            return {"dbname": "$external", "user": subject, "ok": 1}

    return ShownCertificate


def _common_name(certificate: Mapping[str, Any]) -> str:
    parts = dict(part for parts in certificate["subject"] for part in parts)
    return str(parts["commonName"])
