"""A small IMAP server on a real socket, for one mailbox: as much of RFC 3501 as a reader needs."""

import re
import socketserver
import threading
from typing import Any


class Imap:
    """`mails` is {uid: raw}. `break_at`: hang up instead of handing out the mail of this uid."""

    def __init__(self, mails: dict[int, bytes] | None = None, *, validity: int = 7, password: str = "secret"):
        self.mails, self.validity, self.password = dict(mails or {}), validity, password
        self.break_at: int | None = None
        self.asked: list[str] = []
        outer = self

        class Talk(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                outer._talk(self)

        self.server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Talk)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def port(self) -> int:
        return self.server.server_address[1]

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def _talk(self, peer: Any) -> None:
        def say(*pieces: bytes) -> None:
            peer.wfile.write(b"".join(pieces) + b"\r\n")

        say(b"* OK ready")
        while line := peer.rfile.readline().decode("utf-8", "replace").strip():
            tag, _blank, rest = line.partition(" ")
            self.asked.append(rest)
            verb = rest.upper()
            if verb.startswith("CAPABILITY"):
                say(b"* CAPABILITY IMAP4rev1")
            elif verb.startswith("LOGIN"):
                if self.password not in rest:
                    say(tag.encode(), b" NO wrong password")
                    continue
            elif verb.startswith(("EXAMINE", "SELECT")):
                say(b"* %d EXISTS" % len(self.mails))
                say(b"* OK [UIDVALIDITY %d] valid" % self.validity)
                say(b"* OK [UIDNEXT %d] next" % (max(self.mails, default=0) + 1))
            elif verb.startswith("UID SEARCH"):
                first = int(re.search(r"UID (\d+):", rest[10:]).group(1))
                newest = max(self.mails, default=0)
                hits = [
                    uid for uid in self.mails if uid >= first or uid == newest
                ]  # n:* always holds the newest
                say(b"* SEARCH ", " ".join(map(str, hits)).encode())
            elif verb.startswith("UID FETCH"):
                uid = int(rest.split()[2])
                raw = self.mails[uid]
                if "RFC822.SIZE" in verb:
                    say(b"* 1 FETCH (UID %d RFC822.SIZE %d)" % (uid, len(raw)))
                else:
                    if uid == self.break_at:
                        return
                    part = raw.partition(b"\r\n\r\n")[0] + b"\r\n\r\n" if "HEADER" in verb else raw
                    peer.wfile.write(
                        b"* 1 FETCH (UID %d BODY[] {%d}\r\n" % (uid, len(part)) + part + b")\r\n"
                    )
            elif verb.startswith("LOGOUT"):
                say(b"* BYE")
                say(tag.encode(), b" OK bye")
                return
            say(tag.encode(), b" OK done")
