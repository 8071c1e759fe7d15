"""A mail server of a few lines, for tests that need a real conversation: takes letters, refuses, or breaks off."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import Message
from email.policy import default


class MailServer(socketserver.ThreadingTCPServer):
    """`letters` are those that were taken. `manner` says how the next one is met.

    "take", "refuse" (the receiver is unknown), or "vanish": the letter is taken, and the answer never comes.
    """

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        self.letters: list[Message] = []
        self.manner = "take"
        super().__init__(("127.0.0.1", 0), _Conversation)


class _Conversation(socketserver.StreamRequestHandler):
    server: MailServer

    def handle(self) -> None:
        self._say("220 test")
        for line in iter(self.rfile.readline, b""):
            verb = line[:4].upper()
            if verb == b"QUIT":
                return self._say("221 bye")
            if verb == b"RCPT" and self.server.manner == "refuse":
                self._say("550 unknown")
            elif verb == b"DATA":
                self._say("354 go on")
                self.server.letters.append(message_from_bytes(b"".join(self._body()), policy=default))
                if self.server.manner == "vanish":
                    return None
                self._say("250 taken")
            else:
                self._say("250 ok")
        return None

    def _body(self) -> Iterator[bytes]:
        for line in iter(self.rfile.readline, b".\r\n"):
            yield line.removeprefix(b".")

    def _say(self, line: str) -> None:
        self.wfile.write(line.encode() + b"\r\n")


@contextmanager
def mail_server() -> Iterator[MailServer]:
    """Run a mail server for the block, on a port that the system chooses."""
    with MailServer() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield server
        finally:
            server.shutdown()
