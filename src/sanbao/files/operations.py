"""Keeping a file, and handing it back."""

import hashlib
import unicodedata
from datetime import datetime

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.http import FileResponse

from sanbao.accounts.access import Access
from sanbao.files.models import StoredFile


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
    if not default_storage.exists(stored.path):
        default_storage.save(stored.path, ContentFile(data))
    stored.save()
    return stored


def content(stored: StoredFile) -> bytes:
    """The bytes of a kept file."""
    with default_storage.open(stored.path) as file:
        return file.read()


def download(stored: StoredFile) -> FileResponse:
    """The file as a download that no browser will run; the caller has made sure the reader may have it."""
    response = FileResponse(
        default_storage.open(stored.path),
        as_attachment=True,
        filename=stored.name,
        content_type="application/octet-stream",
    )
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def _clean(name: str) -> str:
    """A file's name as a label: no path, no control characters, at most 200 characters."""
    name = name.replace("\\", "/").rsplit("/", 1)[-1]
    name = "".join(c for c in name if unicodedata.category(c)[0] != "C")
    return name[-200:] or "file"
