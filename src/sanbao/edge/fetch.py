"""The one way out: every call to another machine goes through `safe_fetch` (safety.md 1.11; ASVS 5.0 1.3.6, 12.3.x, 15.2.x).

An address may come from a person or a partner, so it can name a machine of our own. Therefore: http and https only, usual ports only, the
name is resolved once, every address it has must lie in the public Internet, and the connection goes to just that checked address, while
TLS still verifies the name. Nothing is followed, no proxy of the surroundings is used, and time and size are limited whatever the
other side does. Hosts of one's own (a WeCom proxy, a stub server) are named in `SANBAO_FETCH_ALLOWED`.
"""

import ipaddress
import queue
import socket
import ssl
import threading
import time
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpcore
import httpx
from django.conf import settings
from django.utils.translation import gettext as _

from sanbao.edge import logs

LONGEST_URL = 2_048
PORTS = {"http": 80, "https": 443}
_NAT64 = (ipaddress.ip_network("64:ff9b::/96"), ipaddress.ip_network("64:ff9b:1::/48"))
_NEVER = tuple(
    ipaddress.ip_network(each)
    for each in (
        "0.0.0.0/8",
        "100.64.0.0/10",  # carriers' own; 100.100.100.200 tells secrets of a machine at Alibaba
        "168.63.129.16/32",  # the same at Azure
        "192.0.0.0/24",
        "192.88.99.0/24",
        "fec0::/10",
    )
)
_OURS = frozenset(
    ("host", "connection", "accept-encoding", "content-length", "transfer-encoding", "te", "upgrade")
)


class Unfetchable(Exception):
    """A call that was not made or gave no whole answer. `code` is for programs, the text for people.

    Codes: address (not allowed), name (no such host), tls, slow, large, broken. `began`: the request may have reached the other side;
    False where it surely has not.
    """

    def __init__(self, code: str, sentence: str, *, began: bool = False):
        super().__init__(sentence)
        self.code = code
        self.began = began


@dataclass(frozen=True, slots=True)
class Fetched:
    """An answer, whatever its status; a redirect is an answer too."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)


def safe_fetch(
    url: str,
    *,
    method: str = "GET",
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    timeout: float = 5,
    max_bytes: int = 5_000_000,
) -> Fetched:
    """Ask another machine and return its answer, or raise Unfetchable.

    `timeout` is for the whole call in seconds, from resolving the name to the last byte; `max_bytes` is the size of the body after
    unpacking.
    """
    address = _checked(url)
    until = time.monotonic() + timeout
    ours = {name: value for name, value in (headers or {}).items() if name.lower() not in _OURS}
    ours["Accept-Encoding"] = "gzip"
    transport = _Transport(_Careful(until, is_allowed(address)))
    try:
        with (
            httpx.Client(
                transport=transport, trust_env=False, follow_redirects=False, timeout=timeout
            ) as client,
            client.stream(method, address, content=body, headers=ours) as response,
        ):
            read = _read(response, max_bytes, until)
            return Fetched(response.status_code, response.headers, read)
    except (httpx.TimeoutException, httpcore.TimeoutException) as error:
        began = not isinstance(error, httpx.ConnectTimeout | httpcore.ConnectTimeout)
        raise Unfetchable("slow", _("The other side took too long to answer."), began=began) from None
    except httpx.ConnectError as error:
        if isinstance(_cause(error), ssl.SSLError):
            raise Unfetchable("tls", _("The other side's certificate is not valid for its name.")) from None
        raise Unfetchable("broken", _("The other side does not answer.")) from None
    except (httpx.HTTPError, httpx.InvalidURL, ValueError):
        raise Unfetchable("broken", _("The other side gave no whole answer."), began=True) from None


def is_allowed(address: httpx.URL) -> bool:
    """Whether the setting names this host: "host" for its usual ports, "host:port" for that one."""
    host, port = address.host.lower(), _port(address)
    allowed: Iterable[str] = settings.FETCH_ALLOWED
    return f"{host}:{port}" in allowed or (host in allowed and port in PORTS.values())


def may_be_called(url: str) -> bool:
    """Whether an address somebody gives has the form of one that may be called. What its name leads to is looked at in every call."""
    try:
        address = _checked(url)
    except Unfetchable:
        return False
    host = address.host.strip("[]")
    numeric = host.replace(".", "").isdigit() or ":" in host
    return is_allowed(address) or (is_public(host) if numeric else "." in host)


def _port(address: httpx.URL) -> int:
    return address.port or PORTS.get(address.scheme, 0)


def _checked(url: str) -> httpx.URL:
    """The address, if it is one that may be asked at all."""
    refused = Unfetchable("address", _("This address may not be called."))
    if len(url) > LONGEST_URL or not url.isprintable() or "\\" in url or " " in url:
        raise refused
    try:
        address = httpx.URL(url)
    except (httpx.InvalidURL, ValueError, TypeError):
        raise refused from None
    if address.scheme not in PORTS or not address.host or address.userinfo:
        raise refused
    if is_allowed(address):
        return address
    if address.scheme == "http" and not settings.FETCH_PLAIN_HTTP:
        raise refused
    if _port(address) not in PORTS.values():
        raise refused
    return address


def is_public(text: str) -> bool:
    """Whether an address lies in the public Internet, looking through what IPv6 wraps around IPv4."""
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return False
    if "%" in text:
        return False
    if isinstance(address, ipaddress.IPv6Address):
        if any(address in net for net in _NAT64) or address.teredo or address.sixtofour:
            return False  # nobody's server is reached only by these
        if address.ipv4_mapped:
            return is_public(str(address.ipv4_mapped))
        if not int(address) >> 32:  # ::a.b.c.d, the old way of wrapping
            return False
        if address.is_site_local:
            return False
    if any(address.version == net.version and address in net for net in _NEVER):
        return False
    return address.is_global and not (
        address.is_private
        or address.is_loopback
        or address.is_link_local
        or address.is_multicast
        or address.is_reserved
        or address.is_unspecified
    )


def resolve(host: str, port: int, timeout: float) -> list[str]:
    """The addresses of a host. The system's resolver knows no time-out, so it is asked in a thread that may be left behind."""
    found: queue.SimpleQueue[list[str] | OSError] = queue.SimpleQueue()

    def ask() -> None:
        try:
            infos = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            found.put([str(info[4][0]) for info in infos])
        except (OSError, UnicodeError) as error:
            found.put(OSError(str(error)))

    threading.Thread(target=ask, daemon=True, name="resolve").start()
    try:
        addresses = found.get(timeout=max(timeout, 0.001))
    except queue.Empty:
        raise httpcore.ConnectTimeout from None
    if isinstance(addresses, OSError) or not addresses:
        raise Unfetchable("name", _("There is no machine of this name."))
    return list(dict.fromkeys(addresses))


class _Careful(httpcore.NetworkBackend):
    """Opens connections: resolves, checks every address, and connects to a checked one; what it opens keeps the call's one deadline."""

    def __init__(self, until: float, is_allowed: bool):
        self.until, self.is_allowed = until, is_allowed
        self.plain = httpcore.SyncBackend()

    def connect_tcp(
        self, host: str, port: int, timeout: float | None = None, local_address: str | None = None, socket_options: Any = None
    ) -> httpcore.NetworkStream:  # fmt: skip
        addresses = resolve(host, port, _left(self.until))
        if not self.is_allowed and not all(is_public(each) for each in addresses):
            logs.warn("fetch.refused", code="address")
            raise Unfetchable("address", _("This address may not be called."))
        for last, address in enumerate(addresses[:4], start=1):
            try:
                stream = self.plain.connect_tcp(
                    address, port, _left(self.until), local_address, socket_options
                )
                return _Timed(stream, self.until)
            except httpcore.ConnectError:
                if last == len(addresses[:4]):
                    raise
        raise httpcore.ConnectError

    def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Any = None
    ) -> httpcore.NetworkStream:
        raise httpcore.ConnectError("no sockets of this machine")  # fmt: skip


class _Timed(httpcore.NetworkStream):
    """A connection whose every step ends at the call's deadline, so that a drip of single bytes ends there too."""

    def __init__(self, stream: httpcore.NetworkStream, until: float):
        self.stream, self.until = stream, until

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self.stream.read(max_bytes, _left(self.until))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self.stream.write(buffer, _left(self.until))

    def close(self) -> None:
        self.stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _Timed(self.stream.start_tls(ssl_context, server_hostname, _left(self.until)), self.until)

    def get_extra_info(self, info: str) -> Any:
        return self.stream.get_extra_info(info)


class _Transport(httpx.HTTPTransport):
    """httpx's transport over our own way of opening connections."""

    def __init__(self, backend: _Careful):
        super().__init__(trust_env=False)
        self._pool = httpcore.ConnectionPool(
            ssl_context=_context(), network_backend=backend, max_connections=1
        )


def _context() -> ssl.SSLContext:
    return httpx.create_ssl_context(trust_env=False)


def _left(until: float) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout
    return left


def _read(response: httpx.Response, max_bytes: int, until: float) -> bytes:
    """The body, unpacked and no larger than allowed; what would be larger is left unread."""
    too_large = Unfetchable("large", _("The other side's answer is too large."), began=True)
    coding = response.headers.get("content-encoding", "identity").strip().lower()
    if coding not in ("identity", "gzip", ""):
        raise Unfetchable("broken", _("The other side gave no whole answer."), began=True)
    stated = response.headers.get("content-length", "")
    if stated.isascii() and stated.isdigit() and (len(stated) > 15 or int(stated) > max_bytes):
        raise too_large
    unpack = zlib.decompressobj(wbits=31) if coding == "gzip" else None
    whole = bytearray()
    for piece in response.iter_raw():
        if unpack:
            try:
                whole += unpack.decompress(piece, max_bytes + 1 - len(whole))
            except zlib.error:
                raise Unfetchable("broken", _("The other side gave no whole answer."), began=True) from None
            if unpack.unconsumed_tail:
                raise too_large
        else:
            whole += piece
        if len(whole) > max_bytes:
            raise too_large
        _left(until)
    if unpack and whole and not unpack.eof:
        raise Unfetchable("broken", _("The other side gave no whole answer."), began=True)
    return bytes(whole)


def _cause(error: BaseException) -> BaseException | None:
    """What stands at the bottom of an error."""
    while (below := error.__cause__ or error.__context__) is not None:
        error = below
    return error
