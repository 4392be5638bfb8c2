"""Reviews (palautteet): what jobseekers said of sessions that were held."""

from setori.reviews.commands import WriteReview
from setori.reviews.models import Review
from setori.reviews.operations import write
from setori.reviews.queries import (
    AlreadyReviewed,
    NotConfirmed,
    ReviewView,
    find_reviewable,
    find_reviewed,
    list_of_offering,
    list_of_person,
    list_of_provider,
)

__all__ = [
    "AlreadyReviewed",
    "NotConfirmed",
    "Review",
    "ReviewView",
    "WriteReview",
    "find_reviewable",
    "find_reviewed",
    "list_of_offering",
    "list_of_person",
    "list_of_provider",
    "write",
]
