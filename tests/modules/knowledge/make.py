"""Articles for the tests, through the operations, by the people whose posts it takes."""

from typing import Any

from sanbao.knowledge import operations
from sanbao.knowledge.models import Article, Revision
from tests.cast import NOW, Cast

SPARK = {
    "kind": "solution",
    "title": "燃气灶打不着火",
    "question": "灶具点不着火，只有打火声，没有火苗",
    "answer": "多数是电池没电或燃气没开。",
    "steps": ["更换电池", "检查燃气阀门是否打开", "清洁点火针"],
    "keywords": "点火 打火",
    "internal_note": "两次仍不着火，派工检查电磁阀。",
    "public": True,
    "categories": ["燃气灶"],
    "codes": ["fault.ignition"],
}


def draft(cast: Cast, by: str = "supervisor", **changes: Any) -> Revision:
    return operations.draft({**SPARK, **changes}, by=cast.access(by), at=NOW)


def move(cast: Cast, revision: Revision, noun: str, by: str = "head", **more: Any) -> Revision:
    return operations.move(revision, noun, version=None, by=cast.access(by), at=NOW, **more)


def publish(cast: Cast, revision: Revision) -> Article:
    """Reviewed by the head, published by the supervisor."""
    move(cast, revision, "review")
    return move(cast, revision, "publication", by="supervisor").article


def article(cast: Cast, **changes: Any) -> Article:
    found = publish(cast, draft(cast, **changes))
    found.refresh_from_db()
    return found
