"""The port to the public registers: what Setori wants to know of a firm, and how it is told that nobody answered."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from enum import StrEnum


class Office(StrEnum):
    """Whom one asks: the business register, or the office that knows of taxes and pension insurance."""

    COMPANY = "company"
    OBLIGATIONS = "obligations"


class RegisterUnreachable(Exception):
    """Nobody answered, or nothing that can be understood. It says nothing of the firm."""


@dataclass(frozen=True, slots=True)
class Told:
    """What an office says of a firm: answers by what was asked, and whose answers they are."""

    source: str
    answers: dict[str, str]


class CompanyRegister(ABC):
    """Somebody who can be asked about firms by their Business ID."""

    @abstractmethod
    async def ask(self, office: Office, business_id: str) -> Told:
        """What one office says of a firm. Raises RegisterUnreachable."""
