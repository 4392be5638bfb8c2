"""The voucher's code: 12 letters and figures that cannot be guessed, and 2 that catch a slip of the hand.

60 bits in Crockford's base 32, derived from the voucher's id and the house's key, so that the code itself is stored
nowhere; then two characters for the value modulo 1021 (the greatest prime below 32²). Shown as `XXXX-XXXX-XXXX-CC`.
"""

import base64
import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from uuid import UUID

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
PRIME = 1021
PRESENCE_LIVES = timedelta(minutes=10)
"""How long a holder's code for confirming on the spot can be read."""
_READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1", "U": "V", "-": None, " ": None, "\u00a0": None})


def code_of(voucher_id: UUID, key: bytes) -> str:
    """The code of a voucher, 14 characters without hyphens."""
    digest = hmac.new(key, b"voucher code 1" + voucher_id.bytes, hashlib.sha256).digest()
    value = int.from_bytes(digest[:8], "big") >> 4
    return _digits(value, 12) + _digits(value % PRIME, 2)


def shown(code: str) -> str:
    """As people read it: groups of four, then the two check characters."""
    return "-".join((code[:4], code[4:8], code[8:12], code[12:]))


def read(typed: str) -> str | None:
    """What somebody typed, in any case and with or without hyphens, as a code; None when it cannot be one."""
    code = typed.strip().upper().translate(_READ_AS)
    if len(code) != 14 or any(character not in ALPHABET for character in code):
        return None
    return code if _value(code[:12]) % PRIME == _value(code[12:]) else None


def hash_of(code: str, key: bytes) -> bytes:
    """What is stored for looking a code up: an HMAC, so that the table alone tells no code."""
    return hmac.new(key, b"voucher look-up 1" + code.encode(), hashlib.sha256).digest()


def claim_token_of(voucher_id: UUID, key: bytes) -> str:
    """The secret of the letter's link, 43 characters; derived, so that a lost letter can be printed again."""
    digest = hmac.new(key, b"voucher claim 1" + voucher_id.bytes, hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def claim_hash_of(token: str) -> bytes:
    """What is stored for looking a link up."""
    return hashlib.sha256(token.encode()).digest()


def presence_of(voucher_id: UUID, sessions: int, until: datetime, key: bytes) -> str:
    """What a holder shows to confirm one session on the spot: good until a minute, and only for the next session.

    `sessions` is how many have been recorded from the voucher so far, so that it works once.
    """
    minute = int(until.timestamp()) // 60
    told = b"voucher presence 1" + voucher_id.bytes + minute.to_bytes(6, "big") + sessions.to_bytes(4, "big")
    digest = hmac.new(key, told, hashlib.sha256).digest()
    return _digits(minute, 6) + _digits(int.from_bytes(digest[:10], "big"), 16)


def is_present(shown: str, voucher_id: UUID, sessions: int, at: datetime, key: bytes) -> bool:
    """Whether what was scanned is what the holder showed within its minutes, for this session."""
    if len(shown) != 22 or any(character not in ALPHABET for character in shown):
        return False
    until = datetime.fromtimestamp(_value(shown[:6]) * 60, UTC)
    wanted = presence_of(voucher_id, sessions, until, key)
    return at < until <= at + PRESENCE_LIVES and hmac.compare_digest(shown, wanted)


def _digits(value: int, length: int) -> str:
    return "".join(ALPHABET[value >> 5 * place & 31] for place in reversed(range(length)))


def _value(characters: str) -> int:
    value = 0
    for character in characters:
        value = value << 5 | ALPHABET.index(character)
    return value
