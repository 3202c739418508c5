"""Side doors: what somebody may not see does not show in searches, filters, counts, sums, places, exports, bulk moves, nested ids,
fragments, whys, choices, sentences, redirects, files, histories, keys or paging either.

Each channel is one check; it finds nothing as the product is, and it finds something when the filters are taken out (the control), so
it can turn red. Most compare two answers: of something foreign, and of something that does not exist. They must be the same.

ASVS 8.2.2, 8.2.3, 8.3.1, 8.4.1, 15.4.1 (no telling difference), 1.2.1.
"""

import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client

from sanbao.accounts.models import Token
from sanbao.settlements import operations
from sanbao.settlements.models import Answer, Finding, HandIn, Sheet, Statement
from tests.access.canaries import BRANCHES, HEAD, MARCH, MARKS, Birds, Marked, _sheet, foreign_to, plain
from tests.access.crawler import pdf_text, unpacked
from tests.access.guards import EVERY_FILTER, without
from tests.access.world import undone
from tests.cast import NOW
from tests.months import row, xlsx

GONE = 987_654_321
NOTHING = "QVZZZ"
LISTS = (
    "/settlements/statements/", "/settlements/sheets/", "/settlements/findings/", "/ledger/", "/outlets/",
    "/products/models/", "/products/parts/", "/decisions/", "/settlements/months/",
)  # fmt: skip


class Spy:
    """One person of A, looking for what is not theirs."""

    def __init__(
        self, companies: dict[str, Marked], birds: Birds, who: str, branches: tuple[str, ...]
    ) -> None:
        self.companies, self.mine = companies, companies["A"]
        self.client = Client(raise_request_exception=False)
        self.person = self.mine.people[who]
        self.client.force_login(self.person)
        self.foreign = foreign_to("A", branches, birds)
        self.other = (
            self.mine.outlets["two"]
            if HEAD in branches and len(branches) == 2
            else companies["B"].outlets["two"]
        )
        self.mark = MARKS["A"]["two"] if len(branches) == 2 else MARKS["B"]["two"]

    def get(self, url: str, **headers: str) -> HttpResponse:
        return self.client.get(url, headers=headers)

    def post(self, url: str, body: Any = None, **headers: str) -> HttpResponse:
        with undone():
            return self.client.post(url, body or {}, headers=headers)

    def met(self, answer: HttpResponse, typed: str = "") -> list[str]:
        """Foreign canaries in an answer, but for what the spy typed."""
        text = words(answer)
        return (
            [bird for bird in self.foreign if bird not in typed and typed not in bird and bird in text]
            if typed
            else [bird for bird in self.foreign if bird in text]
        )

    def differ(self, ask: Callable[[Any], HttpResponse], foreign: Any, nothing: Any) -> list[str]:
        """What tells the foreign thing from one that does not exist: status, words, or where it leads."""
        first, second = ask(foreign), ask(nothing)
        one, two = (same_words(answer, foreign, nothing) for answer in (first, second))
        if one == two:
            return []
        return [f"{first.status_code}/{second.status_code} {_where(one, two)}"]


def words(answer: HttpResponse) -> str:
    """Everything an answer says, unpacked."""
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    if content[:2] == b"PK":
        return plain(unpacked(content))
    if content[:4] == b"%PDF":
        return pdf_text(content)
    return plain(content.decode("utf-8", "replace"))


def same_words(answer: HttpResponse, *typed: Any) -> str:
    """An answer's status and words without what was typed and without what is new in every answer."""
    text = f"{answer.status_code} {answer.headers.get('Location', '')} {words(answer)}"
    text = re.sub(r'name="(csrfmiddlewaretoken|once)" value="[^"]*"', "", text)
    text = re.sub(r"\b[A-Za-z0-9]{32,64}\b|[0-9a-f-]{36}", "", text)
    text = re.sub(r"请求号 \w+|\d{4}-\d\d-\d\d \d\d:\d\d", "", text)  # the foot of an export
    for each in (*typed, *(quote(str(each)) for each in typed)):
        text = re.sub(rf"(?<![\w]){re.escape(str(each))}(?![\w])", "·", text)
    return text


def _where(one: str, two: str) -> str:
    for place, (left, right) in enumerate(zip(one, two, strict=False)):
        if left != right:
            return f"{one[max(0, place - 60) : place + 60]!r} ≠ {two[max(0, place - 60) : place + 60]!r}"
    return "one is longer"


def owner(companies: dict[str, Marked], birds: Birds) -> Spy:
    """The owner of A's first outlet."""
    return Spy(companies, birds, "owner-one", (HEAD, "one"))


def of_head(companies: dict[str, Marked], birds: Birds, who: str = "clerk") -> Spy:
    """Somebody at A's headquarters."""
    return Spy(companies, birds, who, (HEAD, *BRANCHES))


Check = Callable[[dict[str, Marked], Birds], list[Any]]


def searches(companies: dict[str, Marked], birds: Birds) -> list[Any]:
    found: list[Any] = []
    for spy in (owner(companies, birds), of_head(companies, birds, "auditor")):
        mark = spy.mark
        for url in (*LISTS, "/events/"):
            if spy.get(url).status_code != 200:
                continue
            for typed, nothing in (
                (mark.word, NOTHING), (f"{mark.word}-04001", f"{NOTHING}-04001"), (f"SN{mark.word}1", f"SN{NOTHING}1"),
                (mark.phone[-4:], "0917"), (mark.letter, "龖"),
            ):  # fmt: skip
                found += spy.differ(
                    lambda q, url=url, spy=spy: spy.get(f"{url}?{urlencode({'q': q})}"), typed, nothing
                )
    return found


def filters(companies: dict[str, Marked], birds: Birds) -> list[Any]:
    found: list[Any] = []
    for spy in (owner(companies, birds), of_head(companies, birds, "auditor")):
        foreign_person = companies["B"].people["clerk"].pk
        statement = Statement.objects.filter(outlet=spy.other).earliest("id")
        for url, pk in (
            ("/ledger/?outlet={}", spy.other.pk), ("/settlements/statements/?region={}", companies["B"].regions["east"].pk),
            ("/settlements/sheets/?region={}", companies["B"].regions["east"].pk), ("/outlets/?region={}", companies["B"].regions["east"].pk),
            ("/decisions/?question=settlement.month&thing_id={}", statement.pk), ("/events/?by={}", foreign_person),
        ):  # fmt: skip
            if spy.get(url.format("")).status_code == 200:
                found += spy.differ(lambda pk, url=url, spy=spy: spy.get(url.format(pk)), pk, GONE)
        found += spy.differ(
            lambda code, spy=spy: spy.get(f"/api/v1/settlements/statements?outlet={code}"),
            spy.mark.word,
            NOTHING,
        )
    return found


def _more_elsewhere(companies: dict[str, Marked]) -> None:
    """Work goes on at A's second outlet and at B."""
    for marked, branch in ((companies["A"], "two"), (companies["B"], "one"), (companies["B"], "two")):
        sheets = [_sheet(marked, branch, MARCH, number) for number in (61, 62)]
        operations.register_finding(sheets[0], "late_service", by=marked.access("callbacks"), at=NOW)
        made = operations.make_statement(marked.outlets[branch], MARCH, by=marked.access("clerk"), at=NOW)
        made = operations.move(made, "submission", version=None, by=marked.access("clerk"), at=NOW)
        operations.answer(made, "question", note="?", by=marked.access(f"owner-{branch}"), at=NOW)
        operations.read_hand_in(
            marked.outlets[branch], MARCH, xlsx([row(单号=f"{branch}-77")]), "x.xlsx",
            by=marked.access(f"owner-{branch}"), at=NOW,
        )  # fmt: skip


def counts_sums_and_choices(companies: dict[str, Marked], birds: Birds) -> list[Any]:
    """Whatever happens elsewhere, one's own pages stay letter for letter what they were: counts, tabs, totals, orders, choices."""
    spy = owner(companies, birds)
    urls = [
        "/", *LISTS, "/settlements/statements/?sum=all", "/settlements/statements/?tab=questions", "/settlements/sheets/?tab=incomplete",
        "/settlements/sheets/?sort=-pk&size=25", "/settlements/statements/?export=xlsx", "/settlements/months/?month=2026-03",
        "/settlements/hand-in/", "/settlements/sheets/new/", "/api/v1/settlements/statements", "/posts/",
    ]  # fmt: skip
    before = {url: same_words(spy.get(url)) for url in urls}
    with undone():
        _more_elsewhere(companies)
        after = {url: same_words(spy.get(url)) for url in urls}
    return [(url, _where(before[url], after[url])) for url in urls if before[url] != after[url]]


def places_in_lists(companies: dict[str, Marked], birds: Birds) -> list[Any]:
    spy, found = owner(companies, birds), []
    sheet = Sheet.objects.filter(outlet=spy.other, withdrawn_at__isnull=True).latest("id")
    statement = Statement.objects.get(outlet=spy.other)
    for url, pk in (("/settlements/sheets/", sheet.pk), ("/settlements/statements/", statement.pk)):
        for side in ("after", "before"):
            found += spy.differ(lambda pk, url=url, side=side: spy.get(f"{url}?{side}={pk}"), pk, GONE)
    return found


def exports(companies: dict[str, Marked], birds: Birds) -> list[Any]:
    found: list[Any] = []
    for spy in (owner(companies, birds), of_head(companies, birds, "auditor")):
        for url in (*LISTS, "/events/"):
            found += spy.met(spy.get(f"{url}?export=xlsx"))
        for ending in ("pdf", "xlsx"):
            url = f"/settlements/statements/{{}}/{ending}/"
            pk = Statement.objects.get(outlet=spy.other).pk
            found += spy.differ(lambda pk, url=url, spy=spy: spy.get(url.format(pk)), pk, GONE)
    return found


def bulk_moves(companies: dict[str, Marked], birds: Birds) -> list[Any]:
    """The supervisor of A ticks a statement of B."""
    spy, found = of_head(companies, birds, "supervisor"), []
    foreign = Statement.objects.get(outlet=companies["B"].outlets["two"])
    with undone():
        Statement.objects.filter(pk=foreign.pk).update(state="submitted", checked_by=None, checked_at=None)
        before = Statement.objects.values().get(pk=foreign.pk)
        spy.client.post("/settlements/statements/moves/check/", {"row": [foreign.pk]})
        after = Statement.objects.values().get(pk=foreign.pk)
        found += [name for name in before if before[name] != after[name]]
    return found


def nested_ids(companies: dict[str, Marked], birds: Birds) -> list[Any]:
    """A statement of one's own with another's sheet: in the address, in a form, in JSON."""
    spy, found = owner(companies, birds), []
    mine = Statement.objects.get(outlet=companies["A"].outlets["one"])
    sheet = Sheet.objects.filter(outlet=spy.other, month=mine.month).earliest("id")
    found += spy.differ(
        lambda pk: spy.get(f"/settlements/statements/{mine.pk}/lines/{pk}/why/"), sheet.pk, GONE
    )
    found += spy.differ(
        lambda number: spy.post(
            f"/settlements/statements/{mine.pk}/answers/", {"kind": "question", "note": "x", "sheet": number}
        ),
        sheet.number, NOTHING,
    )  # fmt: skip

    def by_json(pk: int) -> HttpResponse:
        with undone():
            return spy.client.post(
                f"/api/v1/settlements/statements/{mine.pk}/answers",
                json.dumps({"kind": "question", "note": "x", "sheet": pk}), content_type="application/json",
            )  # fmt: skip

    return found + spy.differ(by_json, sheet.pk, GONE)


def fragments_and_whys(companies: dict[str, Marked], birds: Birds) -> list[Any]:
    spy, found = owner(companies, birds), []
    pk = Statement.objects.get(outlet=spy.other).pk
    for path in ("", "why/"):
        for target in ("lines", "list"):
            found += spy.differ(
                lambda pk, path=path, target=target: spy.get(
                    f"/settlements/statements/{pk}/{path}", **{"HX-Request": "true", "HX-Target": target}
                ),
                pk, GONE,
            )  # fmt: skip
    for url in ("/settlements/sheets/", "/settlements/statements/"):
        found += spy.met(spy.get(url, **{"HX-Request": "true", "HX-Target": "list"}))
    return found


def choices(companies: dict[str, Marked], birds: Birds) -> list[Any]:
    """Ids among the options of forms, and ids sent that were not among them."""
    found: list[Any] = []
    writer, admin = owner(companies, birds), of_head(companies, birds, "admin")
    for spy, urls in (
        (writer, ("/settlements/hand-in/", "/settlements/sheets/new/")),
        (
            admin,
            (
                "/outlets/add/",
                "/people/add/",
                "/products/parts/add/",
                f"/people/{admin.mine.people['clerk'].pk}/",
            ),
        ),
    ):
        for url in urls:
            found += spy.met(spy.get(url))
    found += writer.differ(
        lambda pk: writer.post("/settlements/sheets/new/", {"outlet": pk, "month": "2026-03", "number": "N-1", "void": "on"}),
        writer.other.pk, GONE,
    )  # fmt: skip
    found += admin.differ(
        lambda pk: admin.post("/outlets/add/", {"region": pk, "code": "N1", "name": "n"}),
        companies["B"].regions["east"].pk, GONE,
    )  # fmt: skip
    return found


def sentences(companies: dict[str, Marked], birds: Birds) -> list[Any]:
    """Refusals: a number of another company's sheet is one that does not exist."""
    spy = of_head(companies, birds, "callbacks")
    number = f"{spy.mark.word}-04001"
    found = spy.differ(
        lambda number: spy.post("/settlements/findings/new/", {"number": number, "kind": "late_unproven"}),
        number,
        NOTHING,
    )

    def by_json(number: str) -> HttpResponse:
        with undone():
            return spy.client.post(
                "/api/v1/settlements/findings", json.dumps([{"number": number, "kind": "late_unproven"}]),
                content_type="application/json",
            )  # fmt: skip

    return found + spy.differ(by_json, number, NOTHING)


def sheet_numbers(companies: dict[str, Marked], birds: Birds) -> list[Any]:
    """A number another outlet has used can't be used; whose it is and since when is not said."""
    spy = owner(companies, birds)
    outlet, number = companies["A"].outlets["one"], f"{spy.mark.word}-04001"
    body = {"outlet": outlet.pk, "month": "2026-03", "number": number, "void": "on"}
    found = spy.met(spy.post("/settlements/sheets/new/", body), typed=number)
    with undone():
        file = SimpleUploadedFile(
            "f.xlsx", xlsx([row(单号=number, 报修日期="2026-03-08", 完成日期="2026-03-09")])
        )
        read = spy.client.post(
            "/settlements/hand-in/", {"outlet": outlet.pk, "month": "2026-03", "file": file}
        )
        found += spy.met(spy.client.get(read.headers["Location"]), typed=number)
        told = json.dumps(HandIn.objects.latest("id").report, ensure_ascii=False)
        found += [each for each in (f"{spy.mark.word} ", "2026-04") if each in told.replace(number, "")]
    return found


def files(companies: dict[str, Marked], birds: Birds) -> list[Any]:
    spy = owner(companies, birds)
    pk = HandIn.objects.filter(outlet=spy.other).earliest("id").pk
    found = spy.differ(lambda pk: spy.post(f"/settlements/hand-in/{pk}/file/", {"reason": "x"}), pk, GONE)
    sheet = Sheet.objects.filter(outlet=spy.other).earliest("id").pk
    return found + spy.differ(lambda pk: spy.get(f"/settlements/sheets/{pk}/pdf/"), sheet, GONE)


def unmasking(companies: dict[str, Marked], birds: Birds) -> list[Any]:
    spy = owner(companies, birds)
    sheet = Sheet.objects.filter(outlet=spy.other).earliest("id").pk
    return spy.differ(
        lambda pk: spy.post(f"/settlements/sheets/{pk}/unmasking/", {"reason": "x"}), sheet, GONE
    )


def histories(companies: dict[str, Marked], birds: Birds) -> list[Any]:
    spy, found = of_head(companies, birds, "auditor"), []
    rows = {
        "settlements_statement": Statement.objects.get(outlet=spy.other).pk,
        "settlements_sheet": Sheet.objects.filter(outlet=spy.other).earliest("id").pk,
        "outlets_outlet": spy.other.pk,
    }
    for table, pk in rows.items():
        found += spy.differ(lambda pk, table=table: spy.get(f"/events/history/{pk}/{table}/"), pk, GONE)
    return found + spy.met(spy.get("/events/"))


def api_paging(companies: dict[str, Marked], birds: Birds) -> list[Any]:
    spy, found = owner(companies, birds), []
    pk = Statement.objects.get(outlet=spy.other).pk
    for query in (f"before={pk + 1}&limit=1", f"before={GONE}&limit=200", "limit=1"):
        found += spy.met(spy.get(f"/api/v1/settlements/statements?{query}"))
    for path in ("{}", "{}/lines", "{}/lines?after=0&limit=1"):
        found += spy.differ(
            lambda pk, path=path: spy.get(f"/api/v1/settlements/statements/{path.format(pk)}"), pk, GONE
        )
    return found


CHANNELS: dict[str, Check] = {
    "searches": searches, "filters": filters, "counts, sums and choices": counts_sums_and_choices, "places in lists": places_in_lists,
    "exports": exports, "bulk moves": bulk_moves, "nested ids": nested_ids, "fragments and whys": fragments_and_whys, "choices": choices,
    "sentences": sentences, "sheet numbers": sheet_numbers, "files": files, "unmasking": unmasking, "histories": histories,
    "API paging": api_paging,
}  # fmt: skip


@pytest.mark.parametrize("channel", CHANNELS)
def test_a_side_door_tells_nothing(
    companies: dict[str, Marked], birds: Birds, channel: str, record_property: Any
) -> None:
    """ASVS 8.2.2, 8.4.1: what is foreign is as if it did not exist."""
    told = CHANNELS[channel](companies, birds)
    record_property("told by side doors", len(told))
    assert told == []


@pytest.mark.parametrize("channel", CHANNELS)
def test_control_with_the_filters_out_the_same_check_finds_the_leak(
    companies: dict[str, Marked], birds: Birds, channel: str
) -> None:
    """Guards off: places, companies and the database's policies; what is left must leak, or the check is blind."""
    with without(*EVERY_FILTER):
        assert CHANNELS[channel](companies, birds) != []


# Doors without rows


def _redirects(client: Client) -> list[str]:
    found = []
    for url in ("https://evil.example/", "//evil.example/", "/\\evil.example"):
        for answer in (
            client.get("/sign-in/", {"next": url}),
            client.post("/theme/", {"theme": "dark", "next": url}),
        ):
            if "evil" in answer.headers.get("Location", ""):
                found.append(url)
    return found


def test_nobody_is_sent_elsewhere(companies: dict[str, Marked]) -> None:
    """ASVS 1.2.2, 3.7.2: `next` leads to pages of ours."""
    client = Client()
    client.force_login(companies["A"].people["clerk"])
    assert _redirects(client) == []


def test_control_without_the_look_at_the_host_they_are(companies: dict[str, Marked]) -> None:
    client = Client()
    client.force_login(companies["A"].people["clerk"])
    with without(
        "sanbao.ui.views.url_has_allowed_host_and_scheme",
        "sanbao.accounts.stepup.url_has_allowed_host_and_scheme",
    ):
        assert _redirects(client) != []


def _same_key(companies: dict[str, Marked]) -> list[int]:
    """Two owners send a form each under the same key; how many questions each outlet has then."""
    key = "0123456789abcdef0123456789abcdef"
    marked = companies["A"]
    counts = []
    for branch in ("one", "two"):
        client = Client()
        client.force_login(marked.people[f"owner-{branch}"])
        statement = Statement.objects.get(outlet=marked.outlets[branch])
        before = Answer.objects.filter(statement=statement).count()
        client.post(
            "/api/v1/settlements/statements/" + f"{statement.pk}/answers",
            json.dumps({"kind": "question", "note": "k"}), content_type="application/json",
            headers={"Idempotency-Key": key},
        )  # fmt: skip
        counts.append(Answer.objects.filter(statement=statement).count() - before)
    return counts


def test_a_key_somebody_else_has_used_is_free(companies: dict[str, Marked]) -> None:
    """Idempotency keys are one's own: another's answer is never given out. ASVS 8.2.2."""
    assert _same_key(companies) == [1, 1]


def test_control_with_keys_in_common_the_second_is_not_done(companies: dict[str, Marked]) -> None:
    with without("sanbao.ui.guard._who"):
        assert _same_key(companies) != [1, 1]


def test_tokens_and_findings_of_others_are_gone(companies: dict[str, Marked], birds: Birds) -> None:
    """One's own things only: ids of others' keys answer as ids of nothing. ASVS 8.2.2."""
    spy = owner(companies, birds)
    foreign = Token.objects.filter(company=companies["B"].company).earliest("id").pk
    assert spy.differ(lambda pk: spy.post(f"/tokens/{pk}/revoke/"), foreign, GONE) == []
    clerk = of_head(companies, birds, "callbacks")
    finding = Finding.objects.filter(company=companies["B"].company).earliest("id").pk
    assert clerk.differ(lambda pk: clerk.post(f"/settlements/findings/{pk}/withdrawal/"), finding, GONE) == []
