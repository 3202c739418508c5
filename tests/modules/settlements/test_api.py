"""The API: the same operations, the same visibility, clear refusals; the sample months through it come to expected.json."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from sanbao.accounts.models import Token
from sanbao.accounts.tokens import Scope
from sanbao.outlets import operations as outlets
from sanbao.products import operations as products
from sanbao.settlements.reading import read_findings, read_models, read_receipts
from tests import months as corpus
from tests.cast import NOW, Cast, assemble
from tests.months import row, xlsx

API = "/api/v1/settlements"
SAMPLES = Path(__file__).parents[4] / "shared" / "samples" / "appliance"
pytestmark = pytest.mark.usefixtures("frozen")


@pytest.fixture
def frozen(time_machine) -> None:
    time_machine.move_to(NOW, tick=False)


@pytest.fixture
def call(cast: Cast):
    """`call("clerk", "get", "/statements")`: a request with that person's token; answers (status, JSON)."""

    def request(who: str, method: str, path: str, body: object = None, *, base: Cast = cast, **form: object):
        _token, secret = Token.make(
            base.people[who],
            base.company,
            "test",
            at=NOW,
            expires_at=NOW + timedelta(days=366),
            scopes=list(Scope),
        )
        client = Client(headers={"Authorization": f"Bearer {secret}"})
        if form:
            answer = client.post(API + path, data=form)
        else:
            answer = getattr(client, method)(API + path, data=body, content_type="application/json")
        return answer.status_code, answer.json()

    return request


def file(data: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile("month.xlsx", data)


def test_a_month_is_handed_in_settled_and_paid_by_api(cast: Cast, call) -> None:
    """KA-11.1 from file to payment, each step by the post it belongs to."""
    data = file(xlsx([row(单号=f"S{number}") for number in (1, 2)]))
    status, handed = call("owner-GZ001", "post", "/hand-ins", outlet="GZ001", month="2026-04", file=data)
    assert (status, handed["state"], handed["counts"]["sheets"]) == (200, "taken", 2)
    receipt = {"outlet": "GZ001", "month": "2026-04", "paper_on": "2026-05-09", "electronic_on": "2026-05-09"}
    assert call("clerk", "put", "/receipts", receipt)[0] == 200
    assert call("callbacks", "post", "/findings", [{"number": "S1", "kind": "late_service"}])[1] == {
        "registered": 1
    }
    confirm_all(call)
    assert call("clerk", "post", "/months/2026-04/statements", {})[1]["statements"] == 1
    _status, page = call("owner-GZ001", "get", "/statements")
    statement = page["items"][0]
    assert statement["net"] == "130.00"

    for noun, who in (
        ("submission", "clerk"),
        ("check", "supervisor"),
        ("approval", "head"),
        ("payment", "finance"),
    ):
        body = {"version": statement["version"]}
        status, statement = call(who, "post", f"/statements/{statement['id']}/moves/{noun}", body)
        assert status == 200, statement

    assert (statement["state"], statement["payable_fen"]) == ("paid", 13000)
    _status, lines = call("owner-GZ001", "get", f"/statements/{statement['id']}/lines?language=en")
    assert all(line["why"][0]["clause"] for line in lines["items"])


def test_without_a_token_nothing_is_answered(cast: Cast) -> None:
    assert Client().get(f"{API}/statements").status_code == 401
    assert Client(headers={"Authorization": "Bearer sb_wrong"}).get(f"{API}/statements").status_code == 401


def test_an_expired_token_and_one_whose_owner_lost_the_post_are_refused(cast: Cast, call) -> None:
    _token, secret = Token.make(cast.people["clerk"], cast.company, "old", at=NOW, expires_at=NOW)
    assert Client(headers={"Authorization": f"Bearer {secret}"}).get(f"{API}/statements").status_code == 401
    for posting in cast.people["clerk"].postings.all():
        outlets.dismiss(posting, on=NOW.date(), by=cast.access("admin"), at=NOW)
    assert call("clerk", "get", "/statements")[0] == 401


def test_out_of_role_is_403_and_out_of_scope_is_404(cast: Cast, call) -> None:
    cast.sheet()
    cast.received()
    statement = cast.statement(upto="submitted")
    other = assemble("other", "other-", "另一家")

    assert call("owner-GZ001", "get", f"/statements/{statement.pk}")[0] == 200
    assert call("east", "get", f"/statements/{statement.pk}")[0] == 200
    assert call("owner-NB011", "get", f"/statements/{statement.pk}")[0] == 404
    assert call("south", "get", f"/statements/{statement.pk}")[0] == 404
    assert call("clerk", "get", f"/statements/{statement.pk}", base=other)[0] == 404
    assert call("outlet-clerk", "get", f"/statements/{statement.pk}")[0] == 403
    assert call("owner-GZ001", "post", f"/statements/{statement.pk}/moves/check", {"version": 1})[0] == 403


def test_a_stale_move_is_409_with_a_sentence(cast: Cast, call) -> None:
    cast.sheet()
    cast.received()
    statement = cast.statement(upto="submitted")

    status, answer = call("supervisor", "post", f"/statements/{statement.pk}/moves/check", {"version": 1})

    assert (status, answer["code"]) == (409, "stale")
    assert answer["sentence"]


def test_a_file_with_errors_stores_nothing_and_names_every_cell(cast: Cast, call) -> None:
    data = file(xlsx([row(), row(单号="S2", 单程公里=-3), row(单号="S3", 完成日期="2026-02-30")]))

    status, answer = call("clerk", "post", "/hand-ins", outlet="GZ001", month="2026-04", file=data)

    assert (status, answer["state"], answer["counts"]["errors"]) == (200, "read", 2)
    assert {line["cell"] for line in answer["report"] if line["severity"] == "error"} == {"O3", "J4"}
    assert cast.outlets["GZ001"].sheets.count() == 0


@pytest.mark.parametrize(
    "build", [corpus.word, corpus.encrypted, corpus.truncated, corpus.hidden_only, lambda: b"x"]
)
def test_a_file_that_is_no_month_is_422_with_a_sentence(cast: Cast, call, build) -> None:
    status, answer = call("clerk", "post", "/hand-ins", outlet="GZ001", month="2026-04", file=file(build()))

    assert (status, answer["field"]) == (422, "file")
    assert answer["sentence"]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("get", "/statements?limit=100000", None),
        ("get", "/statements?month=2026-13", None),
        ("get", "/statements?before=99999999999999999999999", None),
        ("get", "/statements/99999999999999999999999", None),
        ("put", "/receipts", {"outlet": "GZ" * 99, "month": "2026-04"}),
        ("put", "/receipts", {"outlet": "GZ001", "month": "2026-04", "paper_on": "yesterday"}),
        ("post", "/findings", [{"number": "S1", "kind": "nonsense"}]),
        ("post", "/findings", [{"number": "S1", "kind": "overcharge", "refund_fen": -1}]),
    ],
)
def test_bad_input_is_422_and_never_500(cast: Cast, call, method: str, path: str, body: object) -> None:
    assert call("clerk", method, path, body)[0] == 422


def confirm_all(call) -> None:
    """What callbacks registered is confirmed by the supervisor, a second person."""
    while waiting := call("supervisor", "get", "/findings?state=proposed&limit=200")[1]["items"]:
        for finding in waiting:
            address = f"/findings/{finding['id']}/moves/confirmation"
            status, moved = call("supervisor", "post", address, {"version": finding["version"]})
            assert (status, moved["state"]) == (200, "confirmed")


def test_findings_about_unknown_sheets_are_refused_whole(cast: Cast, call) -> None:
    cast.sheet(number="S1")
    body = [{"number": "S1", "kind": "late_service"}, {"number": "NO", "kind": "forged"}]

    status, answer = call("callbacks", "post", "/findings", body)

    assert (status, answer["details"]["rows"][0]["index"]) == (422, 1)
    assert cast.outlets["GZ001"].findings.count() == 0


@pytest.mark.skipif(
    not SAMPLES.exists(), reason="the sample months lie in ../shared/samples, which is not here"
)
def test_the_sample_months_come_to_expected_json_by_api(cast: Cast, call, time_machine) -> None:
    """KA-11.1, KA-11.2: through HTTP, exactly."""
    time_machine.move_to(NOW + timedelta(days=200), tick=False)
    admin = cast.access("admin")
    outlets.open_outlet(cast.regions["华南"], "GZ002", "GZ002服务网点", by=admin, at=NOW)
    for _line, model in read_models((SAMPLES / "models.csv").read_bytes(), "models.csv").rows:
        products.keep_model(model["model"], model["category"], by=admin, at=NOW)
    receipts = [
        found for _line, found in read_receipts((SAMPLES / "receipts.csv").read_bytes(), "r.csv").rows
    ]
    for found in receipts:
        month = f"{found['month']:%Y-%m}"
        data = file((SAMPLES / found["file"]).read_bytes())
        status, handed = call("clerk", "post", "/hand-ins", outlet=found["outlet"], month=month, file=data)
        assert (status, handed["state"]) == (200, "taken")
        days = {name: found[name].isoformat() for name in ("paper_on", "electronic_on")}
        assert (
            call("clerk", "put", "/receipts", {"outlet": found["outlet"], "month": month, **days})[0] == 200
        )
    rows = read_findings((SAMPLES / "callback-findings.csv").read_bytes(), "f.csv").rows
    assert call("callbacks", "post", "/findings", [found for _line, found in rows])[0] == 200
    confirm_all(call)
    for month in ("2026-04", "2026-08"):
        assert call("clerk", "post", f"/months/{month}/statements", {})[0] == 200

    _status, page = call("auditor", "get", "/statements")

    expected = json.loads((SAMPLES / "expected.json").read_text())
    found = {f"{item['outlet']} {item['month']}": item for item in page["items"]}
    assert {key: {name: found[key][name] for name in wanted} for key, wanted in expected.items()} == expected


def test_a_day_left_out_of_a_receipt_stays_and_null_takes_it_back(cast: Cast, call) -> None:
    """KA-11.1: the registered day decides the rate, so forgetting a field must not erase it."""
    from sanbao.settlements.models import Receipt

    body = {"outlet": "GZ001", "month": "2026-04", "paper_on": "2026-05-09", "electronic_on": "2026-05-08"}
    call("clerk", "put", "/receipts", body)
    call("clerk", "put", "/receipts", {"outlet": "GZ001", "month": "2026-04", "electronic_on": "2026-05-07"})
    receipt = Receipt.objects.get()
    assert (str(receipt.paper_on), str(receipt.electronic_on)) == ("2026-05-09", "2026-05-07")

    call("clerk", "put", "/receipts", {"outlet": "GZ001", "month": "2026-04", "paper_on": None})
    receipt.refresh_from_db()
    assert (receipt.paper_on, str(receipt.electronic_on)) == (None, "2026-05-07")


def test_a_month_before_the_regulation_is_refused_with_its_first_month(cast: Cast, call) -> None:
    """Found by generated calls: a month of the year 2000 was a fault."""
    status, answer = call("clerk", "post", "/months/2000-01/statements", {"outlets": ["GZ001"]})

    assert status == 422
    assert "2012-01" in str(answer)
