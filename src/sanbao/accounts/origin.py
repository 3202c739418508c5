"""Where a request comes from, as far as it can be known: the address, and what kind of device says it is asking."""

from django.http import HttpRequest

from sanbao.edge.watch import address_of

_BROWSERS = (
    ("MicroMessenger", "WeChat"),
    ("DingTalk", "DingTalk"),
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox", "Firefox"),
    ("HeadlessChrome", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS = (
    ("HarmonyOS", "HarmonyOS"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)


def address(request: HttpRequest) -> str:
    """The client's address. Behind our own proxy the last entry of X-Forwarded-For, which the proxy wrote; others can be made up."""
    return address_of(request)


def device(request: HttpRequest) -> str:
    """Browser and system in words a person recognises, "Chrome · Windows"; empty where the request does not say."""
    agent = request.META.get("HTTP_USER_AGENT", "")
    found = [next((name for mark, name in table if mark in agent), "") for table in (_BROWSERS, _SYSTEMS)]
    return " · ".join(name for name in found if name)
