"""What is kept of what was shown, and for how long. Pure."""

from datetime import timedelta
from enum import StrEnum


class Source(StrEnum):
    """Where a list was shown: the catalogue, the guided choice, or in place of a provider that was lost."""

    SEARCH = "search"
    GUIDED = "guided"
    INSTEAD = "instead"


KEPT_PAIRS = 50
"""So many of a list are kept, from its top."""

LEADS_WITHIN = timedelta(days=30)
"""A list that led to no choice in so long is erased."""

WITH_PERSON = timedelta(days=730)
"""After this it is kept without the person, the seed, and what was asked for."""

COUNTED = timedelta(days=365)
"""The public counts are of so long."""
