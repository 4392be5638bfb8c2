"""What can be done with vouchers: issuing, choosing, redeeming, closing."""

from setori.vouchers.operations.choosing import choose, claim, tell_clients_lost
from setori.vouchers.operations.closing import cancel, expire_due, lapse_due
from setori.vouchers.operations.issuing import issue
from setori.vouchers.operations.meeting import (
    accept_time,
    book,
    move_meeting,
    record_missed,
    wait_for_time,
    wait_no_more,
)
from setori.vouchers.operations.planning import (
    change_terms,
    cut_budget,
    grant_budget,
    open_programme,
    start_programme,
)
from setori.vouchers.operations.redeeming import Receipt, confirm, redeem, refuse, reverse

__all__ = [
    "Receipt",
    "accept_time",
    "book",
    "cancel",
    "change_terms",
    "choose",
    "claim",
    "confirm",
    "cut_budget",
    "expire_due",
    "grant_budget",
    "issue",
    "lapse_due",
    "move_meeting",
    "open_programme",
    "record_missed",
    "redeem",
    "refuse",
    "reverse",
    "start_programme",
    "tell_clients_lost",
    "wait_for_time",
    "wait_no_more",
]
