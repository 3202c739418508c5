"""Keeping a file, and handing it back."""

import hashlib
import unicodedata
from datetime import datetime

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.http import FileResponse
from django.utils.translation import gettext as _

from sanbao.accounts.access import Access
from sanbao.files.models import StoredFile, Tombstone
from sanbao.ui.formats import short_date
from sanbao.ui.refusal import Refusal


def keep(data: bytes, name: str, *, by: Access, at: datetime) -> StoredFile:
    """Keep the bytes as they came and return their row. The content is written before the row, so no row lacks it."""
    digest = hashlib.sha256(data).hexdigest()
    stored = StoredFile(
        company_id=by.company_id,
        name=_clean(name),
        size=len(data),
        sha256=digest,
        kept_at=at,
        kept_by_id=by.person_id,
    )
    _not_erased(stored)
    if not default_storage.exists(stored.path):
        default_storage.save(stored.path, ContentFile(data))
    stored.save()
    return stored


def content(stored: StoredFile) -> bytes:
    """The bytes of a kept file; a Refusal where they have been erased."""
    _not_erased(stored)
    with default_storage.open(stored.path) as file:
        return file.read()


def download(stored: StoredFile) -> FileResponse:
    """The file as a download that no browser will run; the caller has made sure the reader may have it."""
    _not_erased(stored)
    response = FileResponse(
        default_storage.open(stored.path),
        as_attachment=True,
        filename=stored.name,
        content_type="application/octet-stream",
    )
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


@transaction.atomic
def erase(stored: StoredFile, *, by: Access, at: datetime, reason: str) -> bool:
    """Erase the content and keep row and hash; False where it was erased before. The bytes go once the transaction has come through."""
    _stone, made = Tombstone.objects.get_or_create(
        company_id=stored.company_id,
        sha256=stored.sha256,
        defaults={"reason": reason[:200], "erased_at": at, "erased_by_id": by.person_id},
    )
    transaction.on_commit(lambda: default_storage.delete(stored.path))
    return made


def sweep() -> int:
    """Delete contents whose tombstone stands and which are there all the same: a process was killed between the two."""
    swept = 0
    for stone in Tombstone.objects.iterator():
        path = StoredFile(company_id=stone.company_id, sha256=stone.sha256).path
        if default_storage.exists(path):
            default_storage.delete(path)
            swept += 1
    return swept


def is_erased(stored: StoredFile) -> bool:
    """Whether the content is gone for good."""
    return Tombstone.objects.filter(company_id=stored.company_id, sha256=stored.sha256).exists()


def _not_erased(stored: StoredFile) -> None:
    stone = Tombstone.objects.filter(company_id=stored.company_id, sha256=stored.sha256).first()
    if stone is not None:
        raise Refusal(
            _(
                "The content of this file was erased on %(day)s for a person's sake; it can't be read or handed in again."
            )
            % {"day": short_date(stone.erased_at)},
            code="erased",
            field="file",
        )


def _clean(name: str) -> str:
    """A file's name as a label: no path, no control characters, at most 200 characters."""
    name = name.replace("\\", "/").rsplit("/", 1)[-1]
    name = "".join(c for c in name if unicodedata.category(c)[0] != "C")
    return name[-200:] or "file"
