"""Behind our own proxy the client's address is the one the proxy wrote, whatever the client says of itself."""

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from sanbao.edge.proxy import client_address


def _seen(**meta: str) -> str:
    found: list[str] = []

    def view(request: HttpRequest) -> HttpResponse:
        found.append(request.META["REMOTE_ADDR"])
        return HttpResponse()

    client_address(view)(RequestFactory().get("/", REMOTE_ADDR="", **meta))
    return found[0]


@pytest.mark.parametrize(("told", "address"), [
    ("203.0.113.9", "203.0.113.9"),
    ("10.0.0.1, 203.0.113.9", "203.0.113.9"),
    ("2001:db8::1", "2001:db8::1"),
    ("203.0.113.9, nonsense", ""),
    ("", ""),
])  # fmt: skip
def test_strangers_behind_the_proxy_are_told_apart(settings, told: str, address: str) -> None:
    """Else all of them would share one brake on signing in. ASVS 15.3.4: the trusted source of the client's address."""
    settings.BEHIND_PROXY = True
    assert _seen(HTTP_X_FORWARDED_FOR=told) == address


def test_without_a_proxy_nobody_chooses_an_address(settings) -> None:
    settings.BEHIND_PROXY = False
    assert _seen(HTTP_X_FORWARDED_FOR="203.0.113.9") == ""
