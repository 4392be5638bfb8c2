"""Account numbers: whether an IBAN can exist at all (ISO 13616, check digits by ISO 7064 mod 97-10)."""

import re

_SHAPE = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}")
_FINNISH_LENGTH = 18


def is_iban(text: str) -> bool:
    """True for an electronic-format IBAN (capital letters, no spaces) whose check digits add up."""
    if _SHAPE.fullmatch(text) is None:
        return False
    if text.startswith("FI") and len(text) != _FINNISH_LENGTH:
        return False
    return int("".join(str(int(character, 36)) for character in text[4:] + text[:4])) % 97 == 1
