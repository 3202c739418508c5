"""Every change of surveys."""

from sanbao.surveys.operations.answering import Told, answer, correct, door, enter
from sanbao.surveys.operations.campaigning import audience, begin, end_campaign, keep_campaign
from sanbao.surveys.operations.following import look_into, register_request
from sanbao.surveys.operations.inviting import plan, take_back
from sanbao.surveys.operations.publishing import publish_result
from sanbao.surveys.operations.questions import (
    begin_version,
    drop_question,
    found_questionnaire,
    keep_question,
    keep_version,
    publish_version,
)
from sanbao.surveys.operations.sending import expire, hand_over, remind, send_due

__all__ = [
    "Told", "answer", "audience", "begin", "begin_version", "correct", "door", "drop_question", "end_campaign", "enter", "expire",
    "found_questionnaire", "hand_over", "keep_campaign", "keep_question", "keep_version", "look_into", "plan", "publish_result",
    "publish_version", "register_request", "remind", "send_due", "take_back",
]  # fmt: skip
