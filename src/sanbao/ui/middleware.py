"""Turns an operation's refusal that no view caught into a page that says what to do."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from sanbao.ui.refusal import Refusal


class refusals:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, Refusal):
            template = "409.html" if exception.status == 409 else "422.html"
            return render(request, template, {"refusal": exception}, status=exception.status)
        return None
