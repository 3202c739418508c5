"""Where providers hand something in: one address for each company and channel."""

import logging

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from sanbao.accounts.models import Company
from sanbao.notices import doors, inbox
from sanbao.notices.tasks import hurry
from sanbao.ui.pages import page

logger = logging.getLogger(__name__)


@csrf_exempt  # programs sign what they send; no browser's cookie is looked at
@page.public("GET", "POST", audit=None, rate="hook")
def hook(request: HttpRequest, company: str, channel: str) -> HttpResponse:
    """Open to anyone, because the sender has no account here: what lets it in is its signature, which is checked before anything is read.

    GET is the handshake of WeCom and WeChat. POST keeps what came in; it is handled by the worker afterwards. The same number again is a yes.
    """
    at = timezone.now()
    try:
        if request.method != "POST":
            return HttpResponse(
                doors.handshake(channel, request, at), content_type="text/plain; charset=utf-8"
            )
        things = doors.open_(channel, request, at)
        found = Company.objects.filter(code=company).first()
        if found is None:
            raise doors.Shut("company", 404)
        new = inbox.receive(found, channel, things, at=at)
    except doors.Shut as shut:
        logger.warning("hook refused: %s %s", shut.code, shut.status)
        return JsonResponse({"code": shut.code}, status=shut.status)
    if new:
        hurry()
    if channel in ("wecom", "wechat", "wecom_kf"):
        return HttpResponse("success", content_type="text/plain; charset=utf-8")
    return JsonResponse({"received": len(things), "new": new})
