"""WeCom's servers for WeChat customer service, over a real socket: tokens that end, pages with a cursor, the window of five messages.

What customers write is put in by `say`; what we send stands in `sent`. It keeps to what WeCom documents: a message number is taken once,
five messages until the customer writes again, 48 hours, a welcome code once.
"""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

CORP, SECRET, ACCOUNT = "ww1234567890abcdef", "secret-of-customer-service", "wkAJ2GCAAAZSfhHCt7IFSvLKtMPxyAAA"
CUSTOMER, OTHER = "wmAJ2GCAAAme1XQRC-NI-q0_ZM9ukoAw", "wmAJ2GCAAABBBXQRC-NI-q0_ZM9ukoZz"


class Qyapi(ThreadingHTTPServer):
    """`answers`: what is said instead, by path. `page`: messages on a page, however many are asked for."""

    daemon_threads = True

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.now = 0
        self.said: dict[str, list[dict[str, Any]]] = {ACCOUNT: []}
        self.names = {ACCOUNT: "售后客服"}
        self.customers: dict[str, dict[str, Any]] = {CUSTOMER: {"nickname": "小满", "gender": 2}}
        self.files: dict[str, tuple[str, str, bytes]] = {}
        self.sent: list[dict[str, Any]] = []
        self.left: dict[str, int] = {}
        self.codes: set[str] = set()
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.tokens: list[str] = []
        self.held = 0  # tokens before this one have ended
        self.answers: dict[str, dict[str, Any]] = {}
        self.loses_answers = 0
        self.page = 1000
        ThreadingHTTPServer.__init__(self, ("127.0.0.1", 0), _Qyapi)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def say(
        self, msgtype: str = "text", *, number: str = "", sender: str = CUSTOMER, account: str = ACCOUNT, origin: int = 3, at: int = 0,
        **told: Any,
    ) -> str:  # fmt: skip
        """A customer writes (origin 3), a colleague (5), or something happens (`msgtype` event, origin 4); the message's number."""
        row: dict[str, Any] = {
            "msgid": number or f"kfmsg-{account[-3:]}-{len(self.said[account]) + 1}", "open_kfid": account, "external_userid": sender,
            "send_time": at or self.now, "origin": 4 if msgtype == "event" else origin, "msgtype": msgtype, msgtype: told,
        }  # fmt: skip
        if msgtype == "event":
            del row["open_kfid"], row["external_userid"]
            row["event"] = {"open_kfid": account, "external_userid": sender} | told
        elif origin == 3:
            self.left[sender] = 5
        self.said[account].append(row)
        return str(row["msgid"])

    def end_tokens(self) -> None:
        """Every token given so far holds no longer."""
        self.held = len(self.tokens)

    def paths(self) -> list[str]:
        return [path.removeprefix("/cgi-bin/") for path, _asked in self.asked]

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hung up is no news."""


class _Qyapi(BaseHTTPRequestHandler):
    server: Qyapi

    def do_GET(self) -> None:
        self._answer({})

    def do_POST(self) -> None:
        self._answer(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

    def log_message(self, *args: object) -> None: ...

    def _answer(self, asked: dict[str, Any]) -> None:
        parts = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        with self.server.lock:
            self.server.asked.append((parts.path, asked or query))
            if parts.path == "/cgi-bin/gettoken":
                return self._say(self._token(query))
            known = self.server.tokens[self.server.held :]
            if query.get("access_token") not in known:
                return self._say({"errcode": 42001, "errmsg": "access_token expired"})
            if parts.path in self.server.answers:
                return self._say(self.server.answers[parts.path])
            if parts.path == "/cgi-bin/media/get":
                return self._hand_out(query["media_id"])
            answer = getattr(self, "_" + parts.path.removeprefix("/cgi-bin/kf/").replace("/", "_"))(asked)
            lost = self.server.loses_answers > 0 and "send_msg" in parts.path
            self.server.loses_answers -= lost
        if lost:
            self.close_connection = True  # taken, and nothing is said
            return None
        return self._say(answer)

    def _token(self, query: dict[str, str]) -> dict[str, Any]:
        if (query.get("corpid"), query.get("corpsecret")) != (CORP, SECRET):
            return {"errcode": 40001, "errmsg": "invalid credential"}
        self.server.tokens.append(f"token-{len(self.server.tokens)}")
        return {
            "errcode": 0,
            "errmsg": "ok",
            "access_token": self.server.tokens[-1],
            "expires_in": 7200,
        }

    def _account_list(self, asked: dict[str, Any]) -> dict[str, Any]:
        rows = [{"open_kfid": number, "name": name} for number, name in self.server.names.items()]
        return {"errcode": 0, "account_list": rows[asked["offset"] : asked["offset"] + asked["limit"]]}

    def _sync_msg(self, asked: dict[str, Any]) -> dict[str, Any]:
        rows = self.server.said.get(asked["open_kfid"])
        if rows is None:
            return {"errcode": 95000, "errmsg": "invalid open_kfid"}
        begin = int(asked.get("cursor", "c0").removeprefix("c"))
        end = min(begin + min(asked["limit"], self.server.page), len(rows))
        return {
            "errcode": 0, "errmsg": "ok", "next_cursor": f"c{end}", "has_more": int(end < len(rows)), "msg_list": rows[begin:end],
        }  # fmt: skip

    def _customer_batchget(self, asked: dict[str, Any]) -> dict[str, Any]:
        found = [
            {"external_userid": number, **self.server.customers[number]}
            for number in asked["external_userid_list"]
            if number in self.server.customers
        ]
        return {"errcode": 0, "customer_list": found, "invalid_external_userid": []}

    def _send_msg(self, asked: dict[str, Any]) -> dict[str, Any]:
        if any(row["msgid"] == asked["msgid"] for row in self.server.sent):
            return {"errcode": 95029, "errmsg": "duplicated msgid"}
        wrote = [
            row["send_time"]
            for row in self.server.said.get(asked["open_kfid"], [])
            if row.get("external_userid") == asked["touser"] and row["origin"] == 3
        ]
        if not wrote or self.server.now - max(wrote) >= 48 * 3600:
            return {"errcode": 95002, "errmsg": "send msg time limit"}
        if not self.server.left.get(asked["touser"]):
            return {"errcode": 95001, "errmsg": "send msg count limit"}
        self.server.left[asked["touser"]] -= 1
        self.server.sent.append(asked)
        return {"errcode": 0, "errmsg": "ok", "msgid": asked["msgid"]}

    def _send_msg_on_event(self, asked: dict[str, Any]) -> dict[str, Any]:
        if asked["code"] not in self.server.codes:
            return {"errcode": 95007, "errmsg": "invalid msg token"}
        self.server.codes.remove(asked["code"])
        self.server.sent.append(asked)
        return {"errcode": 0, "errmsg": "ok", "msgid": asked["msgid"]}

    def _hand_out(self, number: str) -> None:
        if number not in self.server.files:
            return self._say({"errcode": 40007, "errmsg": "invalid media_id"})
        kind, name, data = self.server.files[number]
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-disposition", f'attachment; filename="{name}"')
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)
        return None

    def _say(self, answer: dict[str, Any]) -> None:
        data = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


def use(server: Qyapi, settings: Any) -> None:
    """Have WeChat customer service spoken with the stub."""
    settings.FETCH_ALLOWED = [server.url.removeprefix("http://")]
    settings.FETCH_PLAIN_HTTP = True
    settings.WECOM_URL = server.url
    settings.WECOM_KF_CORP, settings.WECOM_KF_SECRET = CORP, SECRET
