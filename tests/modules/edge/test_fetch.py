"""Calls to other machines: only where they may go, only as long and as much as is allowed."""

import gzip
import socket
import socketserver
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sanbao.edge import fetch
from sanbao.edge.fetch import Unfetchable, is_public, safe_fetch

Handle = Callable[[socket.socket], None]


class Stub:
    """A server on this machine that answers as it is told, byte by byte."""

    def __init__(self, handle: Handle, context: ssl.SSLContext | None = None):
        self.asked: list[bytes] = []
        stub = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                try:
                    wire = context.wrap_socket(self.request, server_side=True) if context else self.request
                    stub.asked.append(wire.recv(65_536))
                    handle(wire)
                except OSError:
                    pass

        class Server(socketserver.ThreadingTCPServer):
            daemon_threads = True
            block_on_close = False

        self.server = Server(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()


@pytest.fixture
def serve(settings) -> Iterator[Callable[..., Stub]]:
    """`serve(handle)`: a stub server whose address the setting allows."""
    stubs: list[Stub] = []

    def start(handle: Handle, context: ssl.SSLContext | None = None, allow: bool = True) -> Stub:
        stubs.append(stub := Stub(handle, context))
        if allow:
            settings.FETCH_ALLOWED = [
                f"127.0.0.1:{stub.port}",
                f"good.test:{stub.port}",
                f"bad.test:{stub.port}",
            ]
        return stub

    yield start
    for stub in stubs:
        stub.server.shutdown()
        stub.server.server_close()


def whole(body: bytes, *heads: str, status: str = "200 OK") -> Handle:
    """An ordinary answer."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *heads, "", ""]
    return lambda wire: wire.sendall("\r\n".join(lines).encode() + body)


def at(stub: Stub, path: str = "/") -> str:
    return f"http://127.0.0.1:{stub.port}{path}"


def refused(code: str, url: str, **options: object) -> None:
    with pytest.raises(Unfetchable) as error:
        safe_fetch(url, **options)
    assert error.value.code == code
    assert str(error.value)


def test_an_allowed_host_is_asked_and_answers(serve) -> None:
    stub = serve(whole(b'{"ok": true}', "X-Answer: yes"))

    answer = safe_fetch(
        at(stub, "/hook?a=1"),
        method="POST",
        body=b"hello",
        headers={"X-Key": "k", "Host": "evil", "Connection": "x"},
    )

    assert (answer.status, answer.body, answer.headers["x-answer"]) == (200, b'{"ok": true}', "yes")
    asked = stub.asked[0]
    assert asked.startswith(b"POST /hook?a=1 HTTP/1.1\r\n")
    assert b"X-Key: k" in asked
    assert b"evil" not in asked
    assert b"Host: 127.0.0.1" in asked


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd", "ftp://example.com/", "gopher://example.com/", "data:text/plain,a", "//example.com/", "example.com", "",
        "http://", "https://user:password@example.com/", "https://user@example.com/", "https://example.com:22/", "https://example.com:6379/",
        "https://example.com\\@evil.example/", "https://exa mple.com/", "https://example.com/\r\nX: y", "https://example.com/\x00",
        "https://" + "a" * 3000, "https://[::1", "https://example.com:99999/", "javascript:alert(1)",
    ],
)  # fmt: skip
def test_addresses_of_other_kinds_are_refused_unasked(monkeypatch, url: str) -> None:
    """ASVS 1.3.6: only these schemes, ports and shapes."""
    monkeypatch.setattr(fetch, "resolve", lambda *a: pytest.fail("a name was looked up"))
    refused("address", url)


INWARD = [
    "127.0.0.1", "127.255.255.254", "0.0.0.0", "0.1.2.3", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254",
    "100.64.0.1", "100.100.100.200", "192.0.0.192", "192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1",
    "239.255.255.255", "240.0.0.1", "255.255.255.255", "168.63.129.16", "192.88.99.1", "::", "::1", "::127.0.0.1", "::ffff:127.0.0.1",
    "::ffff:10.0.0.1", "::ffff:169.254.169.254", "64:ff9b::7f00:1", "64:ff9b::808:808", "64:ff9b:1::1", "fe80::1", "fe80::1%eth0",
    "fc00::1", "fd00:ec2::254", "fec0::1", "ff02::1", "2001:db8::1", "2002:7f00:1::", "2001:0:7f00:1::", "100::1", "", "no address",
]  # fmt: skip


@pytest.mark.parametrize("address", INWARD)
def test_addresses_inside_are_not_public(address: str) -> None:
    """ASVS 1.3.6: loopback, private, link-local, multicast, reserved, wrapped and metadata addresses."""
    assert not is_public(address)


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "1.1.1.1", "223.5.5.5", "2400:3200::1", "2606:4700::1111", "::ffff:8.8.8.8"]
)
def test_addresses_of_the_internet_are_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("addresses", [["127.0.0.1"], ["8.8.8.8", "10.0.0.1"], ["2606:4700::1111", "::1"]])
def test_a_name_with_any_address_inside_is_refused_without_a_connection(
    monkeypatch, addresses: list[str]
) -> None:
    """ASVS 1.3.6: every resolved address is checked."""
    monkeypatch.setattr(fetch, "resolve", lambda *a: addresses)
    monkeypatch.setattr(fetch.httpcore.SyncBackend, "connect_tcp", lambda *a, **o: pytest.fail("connected"))
    refused("address", "https://example.com/")


@pytest.mark.parametrize("host", ["2130706433", "0x7f.1", "127.1", "localhost", "0", "[::]", "017700000001"])
def test_odd_spellings_of_this_machine_are_refused(serve, host: str) -> None:
    """ASVS 1.3.6: what counts is where the connection would go."""
    stub = serve(whole(b"secret"), allow=False)
    for port in ("", f":{stub.port}"):
        with pytest.raises(Unfetchable) as error:
            safe_fetch(f"http://{host}{port}/")
        assert error.value.code in ("address", "name")
    assert stub.asked == []


def test_the_guard_is_what_keeps_this_machine_out(serve, monkeypatch) -> None:
    """Control: with the check of addresses off, the same call reaches the machine."""
    stub = serve(whole(b"secret"), allow=False)
    monkeypatch.setitem(fetch.PORTS, "http", stub.port)
    refused("address", f"http://127.0.0.1:{stub.port}/")
    monkeypatch.setattr(fetch, "is_public", lambda address: True)
    assert safe_fetch(f"http://127.0.0.1:{stub.port}/").body == b"secret"


def test_a_name_is_resolved_once_and_the_connection_goes_to_the_checked_address(serve, monkeypatch) -> None:
    """ASVS 1.3.6: a name that changes its address between check and use gains nothing."""
    stub = serve(whole(b"ours"), allow=False)
    asked: list[str] = []
    gone: list[str] = []

    def rebinding(host: str, port: int, timeout: float) -> list[str]:
        asked.append(host)
        return ["8.8.8.8"] if len(asked) == 1 else ["127.0.0.1"]

    plain = fetch.httpcore.SyncBackend.connect_tcp

    def connect(self, host: str, port: int, *rest: object):
        gone.append(host)
        return plain(self, "127.0.0.1", stub.port)

    monkeypatch.setattr(fetch, "resolve", rebinding)
    monkeypatch.setattr(fetch.httpcore.SyncBackend, "connect_tcp", connect)

    assert safe_fetch("http://rebind.example/").body == b"ours"
    assert (asked, gone) == (["rebind.example"], ["8.8.8.8"])
    assert b"Host: rebind.example" in stub.asked[0]


def test_plain_http_is_refused_in_production_but_for_hosts_of_our_own(serve, settings) -> None:
    """ASVS 12.3.1: TLS for every call outwards."""
    stub = serve(whole(b"ok"))
    settings.FETCH_PLAIN_HTTP = False
    refused("address", "http://example.com/")
    assert safe_fetch(at(stub)).body == b"ok"


def test_a_redirect_is_an_answer_and_is_not_followed(serve) -> None:
    """ASVS 1.3.6, 15.3.2."""
    stub = serve(whole(b"", "Location: http://169.254.169.254/", status="302 Found"))
    answer = safe_fetch(at(stub))
    assert (answer.status, answer.headers["location"]) == (302, "http://169.254.169.254/")
    assert len(stub.asked) == 1


def test_no_proxy_of_the_surroundings_is_used(serve, monkeypatch) -> None:
    stub = serve(whole(b"direct"))
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert safe_fetch(at(stub)).body == b"direct"


def test_a_body_that_is_too_large_is_left_unread(serve) -> None:
    """ASVS 15.2.2: whatever length the other side states."""
    sent = []

    def endless(wire: socket.socket) -> None:
        wire.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
        while True:
            sent.append(wire.send(b"a" * 65_536))

    refused("large", at(serve(endless)), max_bytes=1_000_000)
    assert sum(sent) < 20_000_000
    refused("large", at(serve(whole(b"a" * 2_000))), max_bytes=1_999)
    assert len(safe_fetch(at(serve(whole(b"a" * 2_000))), max_bytes=2_000).body) == 2_000


def test_a_bomb_is_not_unpacked(serve) -> None:
    """ASVS 5.2.3: the limit is of the body after unpacking."""
    bomb = gzip.compress(b"\0" * 200_000_000)
    began = time.monotonic()
    refused("large", at(serve(whole(bomb, "Content-Encoding: gzip"))))
    assert time.monotonic() - began < 2
    assert safe_fetch(at(serve(whole(gzip.compress(b"small"), "Content-Encoding: gzip")))).body == b"small"
    refused("broken", at(serve(whole(gzip.compress(b"small")[:-9], "Content-Encoding: gzip"))))
    refused("broken", at(serve(whole(b"small", "Content-Encoding: gzip"))))
    refused("broken", at(serve(whole(b"small", "Content-Encoding: br"))))


def drip(*pieces: bytes) -> Handle:
    """An answer a byte at a time, for ever."""

    def handle(wire: socket.socket) -> None:
        wire.sendall(pieces[0])
        while True:
            time.sleep(0.05)
            wire.sendall(pieces[1])

    return handle


@pytest.mark.parametrize(
    "handle",
    [
        lambda wire: time.sleep(5),
        drip(b"HTTP/1.1 200 OK\r\n\r\n", b"a"),
        drip(b"HTTP/1.1 200 OK\r\n", b"X-Drip: a\r\n"),
        drip(b"H", b""),
    ],
    ids=["silent", "body", "headers", "first line"],
)
def test_the_time_of_the_whole_call_is_limited(serve, handle: Handle) -> None:
    """ASVS 15.2.2: also where single bytes keep coming."""
    began = time.monotonic()
    refused("slow", at(serve(handle)), timeout=0.5)
    assert time.monotonic() - began < 1.5


def test_a_resolver_that_does_not_answer_is_left_behind(monkeypatch) -> None:
    monkeypatch.setattr(fetch.socket, "getaddrinfo", lambda *a, **o: time.sleep(3) or [])
    began = time.monotonic()
    refused("slow", "https://example.com/", timeout=0.3)
    assert time.monotonic() - began < 1


def test_a_name_that_does_not_exist_is_said(monkeypatch) -> None:
    def none(*_arguments, **_options):
        raise socket.gaierror

    monkeypatch.setattr(fetch.socket, "getaddrinfo", none)
    refused("name", "https://nothing.example/")


def test_broken_answers_are_said(serve) -> None:
    refused("broken", at(serve(lambda wire: wire.sendall(b"no HTTP at all\r\n\r\n"))))
    refused("broken", at(serve(lambda wire: wire.close())))
    refused(
        "broken", at(serve(lambda wire: wire.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc")))
    )


def certificate(folder: Path, name: str) -> tuple[ssl.SSLContext, Path]:
    """A certificate for one name, and the authority to trust: itself."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(1))
        .not_valid_after(now + timedelta(1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    encoding = serialization.Encoding.PEM
    (folder / "cert.pem").write_bytes(made.public_bytes(encoding))
    (folder / "key.pem").write_bytes(
        key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return context, folder / "cert.pem"


def test_tls_verifies_the_name_although_the_connection_goes_to_an_address(
    serve, monkeypatch, tmp_path: Path
) -> None:
    """ASVS 12.3.2: the certificate must be valid for the host that was named."""
    context, trusted = certificate(tmp_path, "good.test")
    stub = serve(whole(b"ok"), context)
    monkeypatch.setattr(fetch, "resolve", lambda *a: ["127.0.0.1"])
    refused("tls", f"https://good.test:{stub.port}/")  # nobody trusts its maker

    monkeypatch.setattr(fetch, "_context", lambda: ssl.create_default_context(cafile=str(trusted)))
    assert safe_fetch(f"https://good.test:{stub.port}/").body == b"ok"
    refused("tls", f"https://bad.test:{stub.port}/")
