"""Security headers on every answer: pages, files, errors, redirects, static files, the API and health.

This middleware stands first of all, so that whatever answers below it (Django's own 400, the static files, an error of ours) passes
here on its way out. The Content-Security-Policy is written beside it by django-csp; a view that says more strictly what it needs
(a file's `sandbox`) keeps its own. ASVS 5.0 chapters 3.4 and 14.3.
"""

from collections.abc import Callable
from functools import cached_property

from csp.constants import HEADER
from csp.middleware import CSPMiddleware
from csp.utils import build_policy
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers

_FEATURES = (
    "accelerometer", "autoplay", "camera", "display-capture", "fullscreen", "geolocation", "gyroscope", "magnetometer", "microphone",
    "midi", "payment", "screen-wake-lock", "usb", "web-share", "xr-spatial-tracking",
)  # fmt: skip


def policy(*allowed: str) -> str:
    """The Permissions-Policy: no page may ask for any of the features, but for those a view names for itself."""
    return ", ".join(f"{feature}=({'self' if feature in allowed else ''})" for feature in _FEATURES)


HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": policy(),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Permitted-Cross-Domain-Policies": "none",
}
PRIVATE = "no-store, private"


def headers(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Put `HEADERS` on every answer, and keep every answer but the static files out of all caches."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        if not request.path_info.startswith(settings.STATIC_URL) or response.status_code >= 400:
            response.headers.setdefault("Cache-Control", PRIVATE)
            patch_vary_headers(response, ("Cookie", "HX-Request", "Accept-Language"))
        return response

    return middleware


class ContentPolicy(CSPMiddleware):
    """django-csp's middleware, which builds the policy anew for every answer: once for all that ask for nothing of their own."""

    @cached_property
    def usual(self) -> str:
        """What settings say, without a nonce."""
        return build_policy()

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        own = "_csp_nonce" in vars(request) or any(name.startswith("_csp_") for name in vars(response))
        if own or settings.DEBUG:
            return super().process_response(request, response)
        response.headers.setdefault(HEADER, self.usual)
        return response
