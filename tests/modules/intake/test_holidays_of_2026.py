"""The promise on the screen is right to the minute around the holidays of 2026, with its why.

Every expected moment is worked out by hand, from these texts alone:

* RG-1: worked from 8:30 to 17:30; weekends and holidays as arranged. For 2026 (General Office, 〔2025〕7) free are 1-3 January, 15-23 February,
  4-6 April, 1-5 May, 19-21 June, 25-27 September, 1-7 October; worked are the Saturdays and Sundays 4 January, 14 and 28 February, 9 May,
  20 September, 10 October.
* BA-2 with A-21: the first answer within 30 minutes of working time.
* GN-3 with A-21: the response within 24 natural hours, holidays or not.
* GN-3 with A-22: the solution within three working days; the day of receipt is not counted (Civil Code 201), it ends at closing time (203).
  Waiting for the customer, a part or a return is not counted; answer and response go on.
* RG-1, EN-5: an outlet's duty roster replaces the calendar's hours on its days; its weekly hours do not hold on public holidays.
"""

from datetime import date, datetime, time

import pytest
from django.test import Client
from django.urls import reverse

from sanbao.intake import operations
from sanbao.intake.models import Request
from tests.cast import Cast, moment

Due = tuple[int, int, int, int]  # month, day, hour, minute


def at(month: int, day: int, hour: int, minute: int = 0) -> datetime:
    return moment(2026, month, day, hour, minute)


def promises(client: Client, request: Request) -> dict[str, str]:
    """What the page of a request says of each promise, by its name."""
    page = client.get(reverse("intake:request", args=[request.pk]))
    assert page.status_code == 200
    parts = page.content.decode().split('<li class="promise">')[1:]
    words = {"answer": "首次答复", "response": "响应", "resolution": "解决"}
    return {kind: next(part for part in parts if f"<strong>{word}" in part) for kind, word in words.items()}


def said(due: Due) -> str:
    return "应于2026-{:02}-{:02} {:02}:{:02}前完成".format(*due)


def listed(client: Client) -> str:
    """The list of open requests with the column of due moments."""
    address = f"{reverse('intake:requests')}?tab=open&columns=number&columns=due_moment"
    return str(client.get(address).content.decode())


# When it came, by what channel; answer, response, solution.
VECTORS: list[tuple[str, str, Due, Due, Due, Due]] = [
    # New Year: Sunday the 4th is worked; the three days are the 5th, 6th, 7th.
    ("the worked Sunday after New Year", "web", (1, 4, 16, 45), (1, 4, 17, 15), (1, 5, 16, 45), (1, 7, 17, 30)),
    # Spring Festival: 20 minutes of Friday and 10 of the worked Saturday; days: 14, 24, 25.
    ("Friday before, twenty minutes to closing", "web", (2, 13, 17, 10), (2, 14, 8, 40), (2, 14, 17, 10), (2, 25, 17, 30)),
    # 15 minutes of the worked Saturday, 15 of Tuesday the 24th; days: 24, 25, 26.
    ("the worked Saturday before", "email", (2, 14, 17, 15), (2, 24, 8, 45), (2, 15, 17, 15), (2, 26, 17, 30)),
    # New Year's Day at night: all 30 minutes on the 24th; the 24 hours go on through the holiday; days: 24, 25, 26.
    ("New Year's Day at three in the night", "wechat", (2, 17, 3, 0), (2, 24, 9, 0), (2, 18, 3, 0), (2, 26, 17, 30)),
    # Days: 26, 27 and the worked Saturday 28.
    ("Wednesday before the worked Saturday", "web", (2, 25, 16, 0), (2, 25, 16, 30), (2, 26, 16, 0), (2, 28, 17, 30)),
    # Days: Saturday 28, Monday 2 and Tuesday 3 March.
    ("Friday before the worked Saturday", "web", (2, 27, 10, 0), (2, 27, 10, 30), (2, 28, 10, 0), (3, 3, 17, 30)),
    # Qingming: 5 minutes of Friday, 25 of Tuesday the 7th; days: 7, 8, 9.
    ("five minutes before Qingming", "web", (4, 3, 17, 25), (4, 7, 8, 55), (4, 4, 17, 25), (4, 9, 17, 30)),
    # Labour Day: days 6, 7, 8 May.
    ("the morning before Labour Day", "web", (4, 30, 10, 0), (4, 30, 10, 30), (5, 1, 10, 0), (5, 8, 17, 30)),
    # Nothing is left of the 30th at closing: 30 minutes of the 6th.
    ("closing time before Labour Day", "email", (4, 30, 17, 30), (5, 6, 9, 0), (5, 1, 17, 30), (5, 8, 17, 30)),
    # 10 minutes of the 6th, 20 of the 7th; days: 7, 8 and the worked Saturday 9.
    ("Wednesday before the worked Saturday of May", "web", (5, 6, 17, 20), (5, 7, 8, 50), (5, 7, 17, 20), (5, 9, 17, 30)),
    # Dragon Boat: the half hour uses the day up exactly, so it ends at its closing; days: 22, 23, 24.
    ("half an hour before Dragon Boat", "web", (6, 18, 17, 0), (6, 18, 17, 30), (6, 19, 17, 0), (6, 24, 17, 30)),
    # Days: the worked Sunday 20, 21, 22.
    ("Friday before the worked Sunday", "web", (9, 18, 16, 59), (9, 18, 17, 29), (9, 19, 16, 59), (9, 22, 17, 30)),
    # Before opening: the half hour begins at 8:30. Mid-Autumn is free from the 25th; days: 28, 29, 30.
    ("a minute before opening before Mid-Autumn", "email", (9, 24, 8, 29), (9, 24, 9, 0), (9, 25, 8, 29), (9, 30, 17, 30)),
    # National Day: 1 minute of the 30th, 29 of 8 October; days: 8, 9 and the worked Saturday 10.
    ("a minute before National Day", "web", (9, 30, 17, 29), (10, 8, 8, 59), (10, 1, 17, 29), (10, 10, 17, 30)),
]  # fmt: skip


@pytest.mark.parametrize(
    ("channel", "came", "answer", "response", "solution"),
    [vector[1:] for vector in VECTORS],
    ids=[vector[0] for vector in VECTORS],
)
def test_the_page_and_the_list_show_the_minute_and_its_why(
    cast: Cast, sign_in, channel: str, came: Due, answer: Due, response: Due, solution: Due
) -> None:
    """clause BA-2, clause GN-3, clause RG-1; readings A-21, A-26."""
    request = cast.request(channel=channel, email="a@example.com", at=at(*came))
    assert request.level == "normal"  # no level of its own shortens a promise
    client = sign_in("agent")
    shown = promises(client, request)
    for kind, due in (("answer", answer), ("response", response), ("resolution", solution)):
        assert said(due) in shown[kind], kind
    assert "BA-2" in shown["answer"]
    assert "RG-1" in shown["answer"]
    assert "GN-3" in shown["response"]
    assert "GN-3" in shown["resolution"]
    nearest = min(answer, response, solution)
    assert "2026-{:02}-{:02} {:02}:{:02}".format(*nearest) in listed(client)


def test_a_call_is_answered_there_and_then_and_the_solution_waits_for_the_holiday_to_end(
    cast: Cast, sign_in
) -> None:
    """clause BA-2: whoever speaks with the customer answers at once. Received 30 April 17:00; days: 6, 7, 8 May."""
    request = cast.request(channel="phone", at=at(4, 30, 17))
    client = sign_in("agent")
    shown = promises(client, request)
    assert "2026-04-30 17:00" in shown["answer"]
    assert said((5, 8, 17, 30)) in shown["resolution"]
    assert "2026-05-08 17:30" in listed(client)


# Duty rosters


@pytest.fixture
def outlets_request(cast: Cast):
    """`outlets_request(came)`: a request by the web that outlet GZ001 has."""

    def made(came: Due) -> Request:
        return cast.request(channel="web", outlet=cast.outlets["GZ001"], at=at(*came))

    return made


def test_an_outlet_on_duty_on_the_second_of_may_answers_on_it(cast: Cast, sign_in, outlets_request) -> None:
    """clause EN-5, clause RG-1. 1 May 20:00; on duty 2 May 9:00-12:00: 9:30. The 2nd is a day worked there: days 2, 6, 7."""
    operations.keep_duty(
        cast.outlets["GZ001"], day=date(2026, 5, 2), opens=time(9), closes=time(12), by=cast.access("supervisor"), at=at(4, 20, 9)
    )  # fmt: skip
    shown = promises(sign_in("agent"), outlets_request((5, 1, 20, 0)))
    assert said((5, 2, 9, 30)) in shown["answer"]
    assert said((5, 2, 20, 0)) in shown["response"]
    assert said((5, 7, 17, 30)) in shown["resolution"]
    assert "值班表" in shown["answer"]


def test_weekly_hours_of_saturday_hold_on_an_ordinary_one_but_not_on_a_holiday(
    cast: Cast, sign_in, outlets_request
) -> None:
    """clause EN-5. 12 June 17:20: 10 minutes of Friday, 20 of Saturday from 9:00; days 13, 15, 16. 18 June 17:20: 20 minutes of Monday the 22nd."""
    operations.keep_duty(
        cast.outlets["GZ001"], weekday="saturday", opens=time(9), closes=time(12), by=cast.access("supervisor"), at=at(4, 20, 9)
    )  # fmt: skip
    client = sign_in("agent")
    ordinary = promises(client, outlets_request((6, 12, 17, 20)))
    assert said((6, 13, 9, 20)) in ordinary["answer"]
    assert said((6, 16, 17, 30)) in ordinary["resolution"]
    festival = promises(client, outlets_request((6, 18, 17, 20)))
    assert said((6, 22, 8, 50)) in festival["answer"]
    assert said((6, 24, 17, 30)) in festival["resolution"]


def test_an_outlet_closed_on_the_first_day_after_national_day_begins_a_day_later(
    cast: Cast, sign_in, outlets_request
) -> None:
    """clause RG-1. 30 September 17:29, closed on 8 October: 1 minute, then 29 of the 9th; days 9, 10 (a worked Saturday), 12."""
    operations.keep_duty(
        cast.outlets["GZ001"], day=date(2026, 10, 8), opens=None, closes=None, by=cast.access("supervisor"), at=at(4, 20, 9)
    )  # fmt: skip
    shown = promises(sign_in("agent"), outlets_request((9, 30, 17, 29)))
    assert said((10, 9, 8, 59)) in shown["answer"]
    assert said((10, 1, 17, 29)) in shown["response"]
    assert said((10, 12, 17, 30)) in shown["resolution"]


# Pauses


def paused(cast: Cast, came: Due, what: str, since: Due, until: Due) -> Request:
    by = cast.access("supervisor")
    request = cast.request(channel="web", at=at(*came))
    request = operations.move(request, "start", version=None, by=by, at=at(*came))
    request = operations.move(
        request, "wait", version=None, by=by, at=at(*since), waiting_for=what, text="等配件"
    )
    return operations.move(request, "resumption", version=None, by=by, at=at(*until))


@pytest.mark.parametrize(
    ("came", "what", "since", "until", "response", "solution"),
    [
        # Without the pause 30 April, 6 and 7 May, 17:30. Not counted: an hour of the 30th, an hour of the 6th; two hours of the 8th are added.
        ((4, 29, 10, 0), "part", (4, 30, 16, 30), (5, 6, 9, 30), (4, 30, 10, 0), (5, 8, 10, 30)),
        # Within the holiday nobody works, so nothing is added.
        ((4, 29, 10, 0), "customer", (5, 1, 10, 0), (5, 5, 18, 0), (4, 30, 10, 0), (5, 7, 17, 30)),
        # Without: 12, 13, 14 February. Not counted: 2 h of the 13th, the worked Saturday's 9 h, 1.5 h of the 24th, 12.5 h together: 9 h are
        # the 24th, 3.5 h of the 25th end at 12:00.
        ((2, 11, 9, 0), "return", (2, 13, 15, 30), (2, 24, 10, 0), (2, 12, 9, 0), (2, 25, 12, 0)),
        # Without: 28, 29, 30 September. Not counted: the whole 29th and 30th, 18 h, and half an hour of 8 October: 18.5 h behind the
        # closing of 30 September are 9 h of the 8th, 9 h of the 9th, half an hour of the worked Saturday.
        ((9, 24, 9, 0), "part", (9, 29, 8, 30), (10, 8, 9, 0), (9, 25, 9, 0), (10, 10, 9, 0)),
    ],
)
def test_waiting_over_a_holiday_costs_only_its_working_time_and_stops_the_solution_alone(
    cast: Cast, sign_in, came: Due, what: str, since: Due, until: Due, response: Due, solution: Due
) -> None:
    """clause GN-3; readings A-21 (the 24 hours go on) and A-22 (waiting is not counted)."""
    shown = promises(sign_in("supervisor"), paused(cast, came, what, since, until))
    assert said(solution) in shown["resolution"]
    assert said(response) in shown["response"]
    assert "A-22" in shown["resolution"] or "不计入" in shown["resolution"] or what == "customer"
