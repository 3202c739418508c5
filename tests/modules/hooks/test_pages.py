"""The administrator's pages of webhooks, and the same by API."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from sanbao.accounts.models import Token
from sanbao.accounts.tokens import Scope
from sanbao.audit.models import Event
from sanbao.hooks import operations, sending
from sanbao.hooks.models import Delivery, Subscription
from tests.cast import NOW, Cast
from tests.modules.hooks import stub

API = "/api/v1/webhooks"
Subscribed = tuple[Subscription, str]


@pytest.fixture
def admin(sign_in) -> Client:
    return sign_in("admin")


def _form(**more: object) -> dict[str, object]:
    return {"name": "ERP", "url": "https://erp.example.com/sanbao", "kinds": ["request.registered"]} | more


def test_a_system_is_subscribed_and_the_secret_shown_once(cast: Cast, admin: Client) -> None:
    """clause CO-3; ASVS 13.3.1."""
    page = admin.post(reverse("hooks:new"), _form())
    row = Subscription.objects.get()
    secret = page.content.decode().partition('<code class="text-break">sbh_')[2].partition("<")[0]
    assert (page.status_code, len(secret), page.headers["Location"]) == (200, 43, reverse("hooks:subscription", args=[row.pk]))  # fmt: skip
    assert secret not in admin.get(reverse("hooks:subscription", args=[row.pk])).content.decode()
    assert "ERP" in admin.get(reverse("hooks:subscriptions")).content.decode()


def test_what_is_wrong_is_said_beside_its_field(cast: Cast, admin: Client) -> None:
    page = admin.post(reverse("hooks:new"), _form(url="http://192.168.1.5/x", kinds=[]))
    assert page.status_code == 422
    assert set(page.context["form"].errors) == {"kinds"}
    page = admin.post(reverse("hooks:new"), _form(url="http://192.168.1.5/x"))
    assert "SANBAO_FETCH_ALLOWED" in page.content.decode()
    page = admin.post(reverse("hooks:new"), _form(personal="on"))
    assert list(page.context["form"].errors) == ["reason"]
    assert not Subscription.objects.exists()


def test_a_subscription_is_changed_tried_renewed_paused_and_ended(cast: Cast, admin: Client, other: stub.Other, subscribed: Subscribed) -> None:  # fmt: skip
    row = subscribed[0]
    page = lambda name, *more: reverse(f"hooks:{name}", args=[row.pk, *more])  # noqa: E731
    assert admin.post(page("change"), _form(name="CRM", url=other.url)).status_code == 303
    assert admin.post(page("test")).status_code == 303
    sending.drain(now=timezone.now)
    call = Delivery.objects.get(kind="ping")
    told = admin.get(reverse("hooks:delivery", args=[call.pk])).content.decode()
    assert (call.state, "204" in told, call.number in told) == ("sent", True, True)
    assert "sbh_" in admin.post(page("secret")).content.decode()
    row.refresh_from_db()
    assert (row.name, row.before_until is not None) == ("CRM", True)
    assert admin.post(page("move", "pause"), {"version": row.version}).status_code == 303
    shown = admin.get(page("subscription")).content.decode()
    assert "已暂停" in shown and "暂停计时" not in shown  # a clock's word is no subscription's
    stale = admin.post(page("move", "retirement"), {"version": row.version})
    assert stale.status_code == 409
    row.refresh_from_db()
    assert admin.post(page("move", "retirement"), {"version": row.version}).status_code == 303
    row.refresh_from_db()
    assert row.state == "retired"
    actions = set(Event.objects.filter(thing="hooks.subscription").values_list("action", flat=True))
    assert {f"hooks:subscription:{verb}" for verb in ("made", "changed", "pinged", "secret-renewed", "pause", "retirement")} == actions  # fmt: skip


def test_a_call_that_was_given_up_is_found_and_tried_again(cast: Cast, admin: Client, other: stub.Other, subscribed: Subscribed) -> None:  # fmt: skip
    other.plan = lambda: "gone"
    cast.request()
    sending.drain(now=lambda: NOW)
    row = Delivery.objects.get()
    listed = admin.get(reverse("hooks:deliveries", args=[subscribed[0].pk]), {"tab": "dead"})
    assert [found.pk for found, _cells in listed.context["list"].rows] == [row.pk]
    assert admin.get(reverse("hooks:deliveries", args=[subscribed[0].pk]), {"tab": "sent"}).context["list"].rows == []  # fmt: skip
    answer = admin.post(reverse("hooks:delivery-move", args=[row.pk, "retry"]), {"version": row.version})
    row.refresh_from_db()
    assert (answer.status_code, row.state) == (303, "waiting")
    assert admin.post(reverse("hooks:delivery-move", args=[row.pk, "explosion"])).status_code == 404


def test_an_auditor_looks_and_changes_nothing_and_others_see_nothing(cast: Cast, sign_in, subscribed: Subscribed) -> None:  # fmt: skip
    """clause CO-1."""
    page = reverse("hooks:subscription", args=[subscribed[0].pk])
    assert sign_in("auditor").get(page).status_code == 200
    assert sign_in("auditor").post(reverse("hooks:test", args=[subscribed[0].pk])).status_code == 403
    for name in ("supervisor", "agent", "owner-GZ001", "head"):
        assert sign_in(name).get(page).status_code == 403


# The API


@pytest.fixture
def call(cast: Cast):
    def request(who: str, method: str, path: str = "", body: object = None) -> tuple[int, Any]:
        now = timezone.now()
        _token, secret = Token.make(
            cast.people[who],
            cast.company,
            "t",
            at=now,
            expires_at=now + timedelta(days=3),
            scopes=list(Scope),
        )
        client = Client(headers={"Authorization": f"Bearer {secret}"})
        answer = getattr(client, method)(API + path, data=body, content_type="application/json")
        return answer.status_code, answer.json()

    return request


def test_subscriptions_are_kept_by_api(cast: Cast, call) -> None:
    status, made = call("admin", "post", "", _form())
    assert (status, made["secret"].startswith("sbh_")) == (200, True)
    at = f"/{made['id']}"
    status, read = call("admin", "get", at)
    assert (status, "secret" in read, read["state"]) == (200, False, "active")
    assert call("admin", "put", at, _form(name="CRM"))[1]["name"] == "CRM"
    status, refused = call("admin", "put", at, _form(url="https://10.1.2.3/"))
    assert (status, refused["field"], refused["code"]) == (422, "url", "address")
    status, renewed = call("admin", "post", f"{at}/secret")
    assert renewed["secret"] != made["secret"]
    assert call("admin", "post", f"{at}/test")[1]["kind"] == "ping"
    version = call("admin", "get", at)[1]["version"]
    assert call("admin", "post", f"{at}/moves/pause", {"version": version})[1]["state"] == "paused"
    assert call("admin", "post", f"{at}/moves/pause", {"version": version})[0] == 409
    [ping] = call("admin", "get", f"{at}/deliveries")[1]["items"]
    assert call("admin", "post", f"/deliveries/{ping['id']}/discard", {"version": ping["version"]})[1]["state"] == "discarded"  # fmt: skip
    assert call("admin", "get", "")[1]["items"][0]["waiting"] == 0
    kinds = {kind["kind"] for kind in call("admin", "get", "/kinds")[1]["items"]}
    assert {"request.registered", "statement.moved"} <= kinds
    assert call("supervisor", "get", "")[0] == 403


def test_another_companys_subscription_is_not_there(cast: Cast, call) -> None:
    from tests.cast import assemble

    second = assemble("second", "b-", "恒准")
    theirs, _secret = operations.subscribe("B", "https://example.com/", ["request.registered"], by=second.access("admin"), at=NOW)  # fmt: skip
    assert call("admin", "get", f"/{theirs.pk}")[0] == 404
    assert call("admin", "post", f"/{theirs.pk}/test")[0] == 404


def test_the_documentation_names_every_kind(cast: Cast) -> None:
    from pathlib import Path

    from sanbao.hooks.kinds import KINDS

    text = (Path(__file__).parents[3] / "docs" / "modules" / "webhooks.md").read_text(encoding="utf-8")
    assert [code for code in KINDS if f"`{code}`" not in text] == []
