"""The packets of the Tabular Data Stream, encrypted where a server can. Source: [MS-TDS] 2.2.3 and 3.3.5."""

from __future__ import annotations

import socket
import ssl
import struct
from collections.abc import Iterator

PRELOGIN, BATCH, LOGIN, REPLY, TRANSACTION = 18, 1, 16, 4, 14
_HEADER = struct.Struct(">BBHHBB")
_ROOM = 4_088  # of a packet for what it carries


class Gone(Exception):
    """The client has closed the connection."""


class Channel:
    """One client's packets; ``cut_after`` so many of an answer's packets the connection is closed."""

    def __init__(self, connection: socket.socket) -> None:
        self.socket = connection
        self._tls: ssl.SSLObject | None = None
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()

    def receive(self) -> tuple[int, bytes]:
        """Return the type of the next message, and what it carries.

        Raises:
            Gone: there is none.
        """
        message, status = b"", 0
        while not status & 1:
            type_, status, length, *_ = _HEADER.unpack(self._exactly(_HEADER.size))
            message += self._exactly(length - _HEADER.size)
        return type_, message

    def send(self, pieces: Iterator[bytes], type_: int = REPLY, cut_after: int | None = None) -> None:
        """Send one message, in as many packets as it takes, while it is still being made.

        Raises:
            Gone: the client takes no more, or ``cut_after`` packets have been sent.
        """
        waiting, sent = b"", 0
        for piece in pieces:
            waiting += piece
            while len(waiting) > _ROOM:
                if sent == cut_after:
                    raise Gone
                self._packet(type_, waiting[:_ROOM], last=False)
                waiting, sent = waiting[_ROOM:], sent + 1
        if cut_after is not None and sent >= cut_after:
            raise Gone
        self._packet(type_, waiting, last=True)

    def encrypt(self, certificate: str) -> None:
        """Shake hands, which travels within packets of its own, and encrypt all that follows."""
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificate)
        tls = context.wrap_bio(self._incoming, self._outgoing, server_side=True)
        done = False
        while not done:
            try:
                tls.do_handshake()
                done = True
            except ssl.SSLWantReadError:
                if not self._outgoing.pending:
                    self._incoming.write(self.receive()[1])
            except ssl.SSLError:
                raise Gone from None
            if self._outgoing.pending:
                self._packet(PRELOGIN, self._outgoing.read(), last=True)
        self._tls = tls

    def _packet(self, type_: int, carried: bytes, *, last: bool) -> None:
        data = _HEADER.pack(type_, int(last), len(carried) + _HEADER.size, 0, 1, 0) + carried
        if self._tls is not None:
            self._tls.write(data)
            data = self._outgoing.read()
        try:
            self.socket.sendall(data)
        except OSError:
            raise Gone from None

    def _exactly(self, size: int) -> bytes:
        found = b""
        while len(found) < size:
            found += self._some(size - len(found))
        return found

    def _some(self, size: int) -> bytes:
        while self._tls is not None:
            try:
                return self._tls.read(size)
            except ssl.SSLWantReadError:
                self._incoming.write(self._raw(65_536))
            except ssl.SSLError:
                raise Gone from None
        return self._raw(size)

    def _raw(self, size: int) -> bytes:
        try:
            data = self.socket.recv(size)
        except OSError:
            raise Gone from None
        if not data:
            raise Gone
        return data
