"""Keeping a file, and handing it back."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.http import FileResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from sanbao.accounts.access import Access
from sanbao.edge import children
from sanbao.files import pictures
from sanbao.files.models import StoredFile, Tombstone
from sanbao.ui.formats import short_date
from sanbao.ui.readers import values
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


@dataclass(frozen=True, slots=True)
class KeptImage:
    """A kept picture, its thumbnail, and what the camera wrote beside it. Time and place are the camera's word, not a proof."""

    file: StoredFile
    thumbnail: StoredFile
    width: int
    height: int
    taken_at: datetime | None
    latitude: Decimal | None
    longitude: Decimal | None


def keep_image(data: bytes, name: str, *, by: Access, at: datetime) -> KeptImage:
    """Keep a photograph: drawn anew without anything but its pixels, upright, at most six million of them, and a thumbnail.

    JPEG, PNG and WebP by content, whatever the name says; else a Refusal that says what to do. Decoding happens in a child process with
    limits on memory and time.
    """
    if len(data) > pictures.MAX_BYTES:
        raise no_picture("picture_bytes", megabytes=pictures.MAX_BYTES // 2**20)
    try:
        answer = children.run(
            pictures.ENTRY, data, memory=pictures.MEMORY, cpu=pictures.CPU_SECONDS, wall=pictures.WALL_SECONDS
        )
    except children.Died as died:
        raise no_picture(
            "picture_too_large" if died.code in ("slow", "memory") else "picture_broken"
        ) from None
    line, _line_end, encoded = answer.partition(b"\n")
    head = json.loads(line)
    if "code" in head:
        raise no_picture(head["code"], **head["words"])
    label = _clean(name).rpartition(".")[0] or "picture"
    file = keep(encoded[: head["bytes"]], f"{label[-190:]}.{head['ending']}", by=by, at=at)
    thumbnail = keep(encoded[head["bytes"] :], f"{label[-180:]}-small.jpg", by=by, at=at)
    return KeptImage(
        file, thumbnail, head["width"], head["height"], _taken(head["taken_at"]), _degrees(head["latitude"]), _degrees(head["longitude"])
    )  # fmt: skip


def _taken(said: str | None) -> datetime | None:
    """The camera's moment; one without a zone is taken for the company's clock."""
    if said is None:
        return None
    moment = datetime.fromisoformat(said)
    return moment if moment.tzinfo else timezone.make_aware(moment)


def _degrees(said: float | None) -> Decimal | None:
    return None if said is None else Decimal(str(said))


def no_picture(code: str, **words: Any) -> Refusal:
    """Why a file is not kept as a picture, and what to do."""
    sentences = {
        "picture_bytes": _("The picture is larger than %(megabytes)s MB. Take it with a lower resolution, or send it by itself."),
        "picture_pixels": _("The picture has %(width)s × %(height)s pixels, more than can be read. Take it with a lower resolution."),
        "picture_too_large": _("The picture takes too long or too much memory to read. Take it with a lower resolution."),
        "picture_broken": _("The picture is damaged or came in only partly. Send it again, or take it anew."),
        "picture_moves": _("This is a moving picture. Send a photograph."),
        "picture_heic": _("This is an iPhone's HEIC picture. Under Settings › Camera › Formats choose “Most Compatible” and take it anew, or share it as JPEG."),
        "picture_kind": _("This is no photograph (%(kind)s). Send a JPEG, PNG or WebP picture."),
    }  # fmt: skip
    return Refusal(sentences[code] % words, code=code, field="file", details=words)


def content(stored: StoredFile) -> bytes:
    """The bytes of a kept file; a Refusal where they have been erased."""
    _not_erased(stored)
    with default_storage.open(stored.path) as file:
        return file.read()


def download(stored: StoredFile) -> FileResponse:
    """The file as a download that no browser will run; the caller has made sure the reader may have it."""
    return _handed_out(stored, as_attachment=True, content_type="application/octet-stream")


def show(stored: StoredFile) -> FileResponse:
    """A picture that `keep_image` kept, to be seen on a page; anything else is a download, whatever its name says."""
    with default_storage.open(stored.path) as file:
        kind = pictures.kind_of(file.read(64))
    if kind not in ("JPEG", "PNG") or not stored.name.endswith((".jpg", ".png")):
        return download(stored)
    return _handed_out(stored, as_attachment=False, content_type=f"image/{kind.lower()}")


def _handed_out(stored: StoredFile, *, as_attachment: bool, content_type: str) -> FileResponse:
    _not_erased(stored)
    response = FileResponse(
        default_storage.open(stored.path), as_attachment=as_attachment, filename=stored.name, content_type=content_type
    )  # fmt: skip
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "no-store, private"
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
    """A file's name as a label: no path, no control or unseen characters, at most 200 characters with its ending."""
    name = values.text(name.replace("\\", "/").rsplit("/", 1)[-1], 10**6).strip(". ")
    return name[-200:] or "file"
