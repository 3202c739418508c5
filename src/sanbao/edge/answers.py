"""Answers given before, or instead of, a view: a page in the reader's language, or JSON where a program asked.

The page is drawn without the request's surroundings (company, posts, menu), because nothing of the request is trusted yet.
"""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.utils import translation

API = "/api/"
PAGE = "ui/refused.html"


def for_program(request: HttpRequest) -> bool:
    """Whether the answer is read by a program: addresses under /api/ answer JSON, whatever happens to them."""
    return request.path_info.startswith(API)


def answer(request: HttpRequest, status: int, code: str, title: str, sentence: str) -> HttpResponse:
    """The page or the JSON that says what is wrong and what to do; `code` is for programs."""
    if for_program(request):
        return JsonResponse(
            {"code": code, "sentence": str(sentence)},
            status=status,
            json_dumps_params={"ensure_ascii": False},
        )
    page = render_to_string(PAGE, {"status": status, "title": title, "sentence": sentence})
    return HttpResponse(page, status=status)


def in_the_readers_language(request: HttpRequest) -> translation.override:
    """The language of the reader's cookie or browser, for answers given above Django's own language middleware."""
    return translation.override(translation.get_language_from_request(request))
