"""Reading what was asked, what was said and replied, and what is to be decided."""

from setori.reviews.queries.moderated import (
    ReplyToCheck,
    ReportView,
    find_reply,
    find_report,
    list_replies,
    list_reports,
)
from setori.reviews.queries.said import (
    PulseView,
    ReplyView,
    ReviewView,
    find_own,
    find_pulse,
    find_shown,
    list_of_offering,
    list_of_person,
    list_of_provider,
    list_of_voucher,
    list_uncounted,
    list_waiting,
    of_code,
)

__all__ = [
    "PulseView",
    "ReplyToCheck",
    "ReplyView",
    "ReportView",
    "ReviewView",
    "find_own",
    "find_pulse",
    "find_reply",
    "find_report",
    "find_shown",
    "list_of_offering",
    "list_of_person",
    "list_of_provider",
    "list_of_voucher",
    "list_replies",
    "list_reports",
    "list_uncounted",
    "list_waiting",
    "of_code",
]
