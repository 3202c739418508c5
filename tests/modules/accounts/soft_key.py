"""A passkey in software, for tests: answers as a browser does."""

import hashlib
import json
import os
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2 import cbor
from fido2.cose import ES256
from fido2.utils import websafe_encode

ORIGIN = "https://testserver"


class SoftKey:
    """One credential. `user_verified` False is a device that was not unlocked by finger, face or PIN."""

    def __init__(self) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.id = os.urandom(32)
        self.handle = b""

    def _client_data(self, kind: str, challenge: str, origin: str) -> bytes:
        return json.dumps(
            {"type": kind, "challenge": challenge, "origin": origin, "crossOrigin": False}
        ).encode()

    def _head(self, rp: str, flags: int) -> bytes:
        return hashlib.sha256(rp.encode()).digest() + bytes([flags]) + (1).to_bytes(4, "big")

    def create(self, options: str, origin: str = ORIGIN) -> str:
        """The answer to navigator.credentials.create()."""
        asked = json.loads(options)["publicKey"]
        self.handle = asked["user"]["id"]
        public = cbor.encode(dict(ES256.from_cryptography_key(self.key.public_key())))
        head = self._head(asked["rp"]["id"], 0x45)
        data = head + b"\0" * 16 + len(self.id).to_bytes(2, "big") + self.id + public
        attestation = cbor.encode({"fmt": "none", "attStmt": {}, "authData": data})
        client = self._client_data("webauthn.create", asked["challenge"], origin)
        return self._answer(
            {"clientDataJSON": client, "attestationObject": attestation}, {"credProps": {"rk": True}}
        )

    def get(self, options: str, origin: str = ORIGIN, *, user_verified: bool = True, **more: Any) -> str:
        """The answer to navigator.credentials.get()."""
        asked = json.loads(options)["publicKey"]
        client = self._client_data("webauthn.get", asked["challenge"], origin)
        data = self._head(asked.get("rpId", "testserver"), 0x05 if user_verified else 0x01)
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        response = {"clientDataJSON": client, "authenticatorData": data, "signature": signature}
        return self._answer(response, {}, userHandle=more.get("handle", self.handle))

    def _answer(self, response: dict[str, bytes], results: dict[str, Any], **texts: Any) -> str:
        return json.dumps({
            "id": websafe_encode(self.id), "rawId": websafe_encode(self.id), "type": "public-key",
            "response": {name: websafe_encode(value) for name, value in response.items()} | texts,
            "clientExtensionResults": results,
        })  # fmt: skip
