"""A workbook behind a password: ECMA-376 standard encryption (AES-128), as Excel 2007 writes it.

Salt and verifier come from the content, so the same workbook and password give the same bytes: good enough to be
refused, not to keep a secret. What does not belong here: the container (`compound.py`).
"""

from __future__ import annotations

import hashlib
import struct

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import ECB

from demo.workbooks.malformed.compound import compound_file

_SPINS = 50_000
_FLAGS, _AES_128, _SHA_1, _BITS, _AES_PROVIDER = 0x24, 0x660E, 0x8004, 128, 0x18
_PROVIDER = "Microsoft Enhanced RSA and AES Cryptographic Provider"


def locked(workbook: bytes, password: str) -> bytes:
    """Return the workbook encrypted with the password."""
    salt, verifier = (hashlib.sha256(part + workbook).digest()[:16] for part in (b"salt", b"verifier"))
    key = _key(password, salt)
    header = struct.pack("<8I", _FLAGS, 0, _AES_128, _SHA_1, _BITS, _AES_PROVIDER, 0, 0)
    header += (_PROVIDER + "\0").encode("utf-16-le")
    hashed = hashlib.sha1(verifier).digest()
    proof = struct.pack("<I", len(salt)) + salt + _encrypted(key, verifier)
    proof += struct.pack("<I", len(hashed)) + _encrypted(key, hashed)
    info = struct.pack("<HHII", 4, 2, _FLAGS, len(header)) + header + proof
    package = struct.pack("<Q", len(workbook)) + _encrypted(key, workbook)
    return compound_file({"EncryptionInfo": info, "EncryptedPackage": package})


def _key(password: str, salt: bytes) -> bytes:
    digest = hashlib.sha1(salt + password.encode("utf-16-le")).digest()
    for spin in range(_SPINS):
        digest = hashlib.sha1(struct.pack("<I", spin) + digest).digest()
    digest = hashlib.sha1(digest + bytes(4)).digest()
    block = bytes(byte ^ 0x36 for byte in digest.ljust(64, b"\0"))
    return hashlib.sha1(block).digest()[: _BITS // 8]


def _encrypted(key: bytes, content: bytes) -> bytes:
    cipher = Cipher(AES(key), ECB()).encryptor()
    return cipher.update(content + bytes(-len(content) % 16)) + cipher.finalize()
