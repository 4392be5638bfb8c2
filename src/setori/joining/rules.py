"""How long a letter is good, and how it stands."""

from datetime import datetime, timedelta
from enum import StrEnum

INVITATION_LIVES = timedelta(days=14)
"""A firm's owner may be away for a week, and a letter is no key for ever."""


class InvitationState(StrEnum):
    """What became of a letter."""

    WAITING = "letter_sent"
    ACCEPTED = "joined"
    TAKEN_BACK = "taken_back"
    LATE = "letter_late"


def state_of(
    accepted_at: datetime | None, taken_back_at: datetime | None, expires_at: datetime, *, at: datetime
) -> InvitationState:
    """How a letter stands at a moment; who has come in has come in, whatever else happened."""
    if accepted_at is not None:
        return InvitationState.ACCEPTED
    if taken_back_at is not None:
        return InvitationState.TAKEN_BACK
    return InvitationState.WAITING if at < expires_at else InvitationState.LATE
