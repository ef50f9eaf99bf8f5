"""What a phone seals and only the installation opens: a finished entry, which the phone itself cannot read back.

A box is ``0x01 | ephemeral public key (65 bytes, uncompressed) | nonce (12) | ciphertext and tag``. The key for it
comes from an ephemeral Diffie-Hellman exchange on P-256 with the installation's key for phones, by HKDF-SHA-256, as in
ECIES (SEC 1, version 2, section 5.1); the content is sealed with AES-256-GCM, bound to the id and kind it was made for.
P-256 because every browser has it in WebCrypto.
"""

from __future__ import annotations

import base64
import os
from typing import TYPE_CHECKING, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256, Hash
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from geo.errors import KeysUnavailable

if TYPE_CHECKING:
    from uuid import UUID

    from geo.privacy.keyring import KeyRing

FORM: Final = b"\x01"
INFO: Final = b"barnraiser entry 1"
_ORDER: Final = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_PUBLIC, _NONCE, _TAG = 65, 12, 16
OVERHEAD: Final = 1 + _PUBLIC + _NONCE + _TAG
"""Bytes a box has beyond its content."""
_WIDE: Final = 48
_NAME_BYTES: Final = 6


class EntryKey:
    """The key to which a network's phones seal; derived from the root of the key ring, so it outlives rotations.

    Parameters
    ----------
    ring
        The installation's keys.
    network
        Whose phones they are.
    """

    def __init__(self, ring: KeyRing, network: UUID) -> None:
        wide = int.from_bytes(ring.derive(f"phone-entries:{network}", _WIDE), "big")
        # 128 bits more than the order has, so that no scalar is likelier than another (FIPS 186-5, A.2.1)
        self._private = ec.derive_private_key(wide % (_ORDER - 1) + 1, ec.SECP256R1())

    @property
    def public(self) -> bytes:
        """The public part, as an uncompressed point of 65 bytes."""
        return self._private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)

    @property
    def name(self) -> str:
        """What the public part is called."""
        digest = Hash(SHA256())
        digest.update(self.public)
        return base64.b32encode(digest.finalize()[:_NAME_BYTES]).decode().rstrip("=").lower()

    def open(self, box: bytes, entry_id: UUID, kind: str) -> bytes:
        """Open a box that was made for an entry.

        Raises
        ------
        KeysUnavailable
            If it was sealed to another key, for another entry, or was changed.
        """
        if len(box) < OVERHEAD or box[:1] != FORM:
            raise KeysUnavailable("this is no sealed entry")
        ephemeral, rest = box[1 : 1 + _PUBLIC], box[1 + _PUBLIC :]
        try:
            theirs = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), ephemeral)
            key = _key(self._private.exchange(ec.ECDH(), theirs), ephemeral, self.public)
            return AESGCM(key).decrypt(rest[:_NONCE], rest[_NONCE:], bound_to(entry_id, kind))
        except (ValueError, InvalidTag):
            raise KeysUnavailable("this entry was sealed to another key, or was changed on its way") from None


def seal_entry(public: bytes, content: bytes, entry_id: UUID, kind: str) -> bytes:
    """Seal as a phone does; for other programs that hand in, and for tests.

    Parameters
    ----------
    public
        From :attr:`EntryKey.public`.
    """
    ours = ec.generate_private_key(ec.SECP256R1())
    ephemeral = ours.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    theirs = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), public)
    key, nonce = _key(ours.exchange(ec.ECDH(), theirs), ephemeral, public), os.urandom(_NONCE)
    return FORM + ephemeral + nonce + AESGCM(key).encrypt(nonce, content, bound_to(entry_id, kind))


def bound_to(entry_id: UUID, kind: str) -> bytes:
    """Say what a box belongs to, so that it opens for nothing else."""
    return f"{entry_id} {kind}".encode()


def _key(shared: bytes, ephemeral: bytes, public: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=ephemeral + public, info=INFO).derive(shared)
