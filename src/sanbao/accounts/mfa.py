"""What allauth asks of the house: names on authenticators, and keys kept encrypted. Its pages and URLs are not used."""

import base64
import hashlib
from typing import TYPE_CHECKING, Any

from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings

from sanbao.accounts.models import Person

if TYPE_CHECKING:
    from cryptography.fernet import Fernet

ISSUER = "Sanbao 三包"


def _box() -> "Fernet":
    """The key follows from SECRET_KEY, so a copy of the database alone opens nothing (ASVS 6.5.7, 13.3.1)."""
    from cryptography.fernet import Fernet  # loaded where something is sealed: few pages do

    digest = hashlib.sha256(b"accounts.mfa:" + settings.SECRET_KEY.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(digest))


class Adapter(DefaultMFAAdapter):
    """Named by settings.MFA_ADAPTER."""

    def encrypt(self, text: str) -> str:
        return _box().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _box().decrypt(encrypted_text.encode()).decode()

    def get_totp_issuer(self) -> str:
        return ISSUER

    def _get_site_name(self) -> str:
        return ISSUER

    def _get_user_identifier(self, user: Any) -> str:
        assert isinstance(user, Person)
        return user.username
