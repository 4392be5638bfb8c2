"""What can be done with vouchers: issuing, choosing, redeeming, closing."""

from setori.vouchers.operations.batching import (
    COLUMNS,
    HEADS,
    check_again,
    end_batch,
    hand_in_batch,
    list_stalled,
    run_batch,
    start_batch,
)
from setori.vouchers.operations.choosing import choose, claim, tell_clients_lost
from setori.vouchers.operations.closing import (
    cancel,
    expire_due,
    extend,
    lapse_due,
    release_spent,
    tell_of_endings,
)
from setori.vouchers.operations.disputing import (
    answer_dispute,
    ask_again,
    confirm_silently,
    decide_dispute,
    dispute,
    list_silent_due,
    look_at_sample,
)
from setori.vouchers.operations.issuing import issue
from setori.vouchers.operations.meeting import (
    accept_time,
    book,
    move_meeting,
    record_meeting,
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
from setori.vouchers.operations.redeeming import Receipt, confirm, confirm_on_the_spot, redeem, reverse

__all__ = [
    "COLUMNS",
    "HEADS",
    "Receipt",
    "accept_time",
    "answer_dispute",
    "ask_again",
    "book",
    "cancel",
    "change_terms",
    "check_again",
    "choose",
    "claim",
    "confirm",
    "confirm_on_the_spot",
    "confirm_silently",
    "cut_budget",
    "decide_dispute",
    "dispute",
    "end_batch",
    "expire_due",
    "extend",
    "grant_budget",
    "hand_in_batch",
    "issue",
    "lapse_due",
    "list_silent_due",
    "list_stalled",
    "look_at_sample",
    "move_meeting",
    "open_programme",
    "record_meeting",
    "redeem",
    "release_spent",
    "reverse",
    "run_batch",
    "start_batch",
    "start_programme",
    "tell_clients_lost",
    "tell_of_endings",
    "wait_for_time",
    "wait_no_more",
]
