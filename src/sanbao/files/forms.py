"""Fields for what is uploaded."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile

from sanbao.files import pictures
from sanbao.files.operations import no_picture

# An iPhone turns its HEIC into JPEG by itself where a page asks for these kinds.
ACCEPT = "image/jpeg,image/png,image/webp"


class PictureField(forms.FileField):
    """A photograph, by its content; whether it can be read is found out by `keep_image`."""

    def __init__(self, **options: Any):
        options.setdefault("widget", forms.FileInput({"accept": ACCEPT}))
        super().__init__(**options)

    def to_python(self, data: Any) -> Any:
        uploaded: UploadedFile | None = super().to_python(data)
        if uploaded is None:
            return None
        if (uploaded.size or 0) > pictures.MAX_BYTES:
            raise forms.ValidationError(
                str(no_picture("picture_bytes", megabytes=pictures.MAX_BYTES // 2**20))
            )
        kind = pictures.kind_of(uploaded.read(64))
        uploaded.seek(0)
        if kind not in ("JPEG", "PNG", "WEBP"):
            raise forms.ValidationError(str(no_picture("picture_heic" if kind == "HEIC" else "picture_kind", kind=kind)))  # fmt: skip
        return uploaded
