"""Turns an operation's refusal that no view caught into a page that says what to do, and a list's short address into its whole one."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from sanbao.ui.lists import Elsewhere
from sanbao.ui.refusal import Refusal, TooMany


class refusals:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, Elsewhere):
            return HttpResponseRedirect(exception.url, headers={"Cache-Control": "no-store, private"})
        if not isinstance(exception, Refusal):
            return None
        response = render(
            request, f"{exception.status}.html", {"refusal": exception}, status=exception.status
        )
        if isinstance(exception, TooMany):
            response.headers["Retry-After"] = str(exception.seconds)
        return response
