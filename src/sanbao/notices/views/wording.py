"""The administrators' pages of the words people get: the shipped ones, or the company's own."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from sanbao.notices import wording
from sanbao.notices.kinds import GROUPS, KINDS, Kind
from sanbao.notices.models import Wording
from sanbao.notices.models.notice import LANGUAGES
from sanbao.notices.permissions import May
from sanbao.notices.wording import Words
from sanbao.ui.pages import Scope, go, page, show
from sanbao.ui.refusal import Refusal

MOST_SHOWN = 20


@page(May.WORD, scope=Scope.COMPANY, audit=None, rate="page")
def wordings(request: HttpRequest) -> HttpResponse:
    """Every kind with its heading in each language, and whether it is the company's own."""
    own = wording.own_words(request.access.company_id or 0)
    groups = [
        {
            "label": label,
            "rows": [
                (kind, [
                    (language, name, wording.templates(kind, language, own).subject, _is_own(own.get((kind.code, language))))
                    for language, name in LANGUAGES
                ])
                for kind in KINDS.values()
                if kind.group == group
            ],
        }
        for group, label in GROUPS.items()
    ]  # fmt: skip
    return show(request, "notices/wordings.html", {"groups": groups})


def _is_own(row: Wording | None) -> bool:
    return row is not None and bool(row.text)


@page(May.WORD, "GET", "POST", scope=Scope.COMPANY, audit=("notices:wording:kept", ""), rate="write")
def edit(request: HttpRequest, code: str, language: str) -> HttpResponse:
    """One kind's words in one language: edit with a preview, look at earlier ones, take the shipped ones again."""
    kind = _kind(code, language)
    if request.method != "POST":
        return _shown(request, kind, language)
    typed = Words(request.POST.get("subject", "")[:200], request.POST.get("text", "")[:2000])
    try:
        if "preview" in request.POST:
            return _shown(request, kind, language, typed=wording.check(kind, typed.subject, typed.text))
        if "reset" in request.POST:
            typed = Words("", "")
        elif not typed.subject.strip() or not typed.text.strip():
            wording.check(kind, typed.subject, typed.text)
        _refuse_too_long(typed)
        seen = request.POST.get("seen", "")
        wording.keep(
            kind, language, typed.subject, typed.text, seen=int(seen) if seen.isdecimal() and len(seen) < 9 else -1,
            by=request.access, at=timezone.now(),
        )  # fmt: skip
    except Refusal as refusal:
        return _shown(request, kind, language, typed=typed, refusal=refusal)
    messages.success(request, _("The text has been kept."))
    return go("notices:wording", code, language)


def _refuse_too_long(typed: Words) -> None:
    for field, most in (("subject", 120), ("text", 1000)):
        if len(getattr(typed, field)) > most:
            raise Refusal(_("At most %(count)d characters.") % {"count": most}, field=field, code="long")


def _kind(code: str, language: str) -> Kind:
    if code not in KINDS or language not in dict(LANGUAGES):
        raise Http404
    return KINDS[code]


def _shown(
    request: HttpRequest,
    kind: Kind,
    language: str,
    *,
    typed: Words | None = None,
    refusal: Refusal | None = None,
) -> HttpResponse:
    company = request.access.company_id or 0
    history = list(
        Wording.objects.filter(company_id=company, kind=kind.code, language=language)
        .select_related("made_by")
        .order_by("-number")[:MOST_SHOWN]
    )
    newest = history[0] if history else None
    words = typed or wording.templates(kind, language, {(kind.code, language): newest} if newest else {})
    context = {
        "kind": kind,
        "tongue": dict(LANGUAGES)[language],
        "words": words,
        "shipped": wording.templates(kind, language, {}),
        "preview": wording.preview(kind, words, language),
        "places": [f"{{{name}}}" for name in kind.parameters],
        "seen": newest.number if newest else 0,
        "own": _is_own(newest),
        "unsaved": typed is not None,
        "history": history,
        "refusal": refusal,
        "crumbs": [(_("Texts of messages"), reverse("notices:wordings"))],
    }
    return show(request, "notices/wording.html", context, status=refusal.status if refusal else 200)
