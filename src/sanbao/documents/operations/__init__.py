"""Every change of regulations and campaigns: writing, reviewing, approving, coming into force, asking people to read, confirming."""

from sanbao.documents.operations.campaigning import (
    add_question,
    amend_campaign,
    ask_and_remind,
    begin_campaign,
    close_campaign,
    confirm,
    prepare_campaign,
    remove_question,
)
from sanbao.documents.operations.moving import commence, copy, move, publish, tell_of_reviews
from sanbao.documents.operations.writing import (
    DOCUMENT_FIELDS,
    FIELDS,
    adopt_shipped,
    amend,
    attach,
    detach,
    draft,
    keep_clause,
    remove_clause,
    revise,
    take_text,
)

__all__ = [
    "DOCUMENT_FIELDS",
    "FIELDS",
    "add_question",
    "adopt_shipped",
    "amend",
    "amend_campaign",
    "ask_and_remind",
    "attach",
    "begin_campaign",
    "close_campaign",
    "commence",
    "confirm",
    "copy",
    "detach",
    "draft",
    "keep_clause",
    "move",
    "prepare_campaign",
    "publish",
    "remove_clause",
    "remove_question",
    "revise",
    "take_text",
    "tell_of_reviews",
]
