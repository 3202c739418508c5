"""The signature of our own HTTP calls, there and back: HMAC-SHA256 over the second of sending and the body (ASVS 11.2.1, 11.4.1)."""

import hashlib
import hmac


def signed(secret: str, stamp: str, body: bytes) -> str:
    """Hexadecimal HMAC-SHA256 over `stamp`, a line feed and the body."""
    return hmac.new(secret.encode(), stamp.encode() + b"\n" + body, hashlib.sha256).hexdigest()


def is_signed(secret: str, stamp: str, body: bytes, signature: str) -> bool:
    """Whether the signature is ours; compared in constant time, and never true without a secret."""
    return bool(secret) and hmac.compare_digest(signed(secret, stamp, body).encode(), signature.encode())
