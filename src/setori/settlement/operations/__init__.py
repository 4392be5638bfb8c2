"""What can be done in settlement: closing, approving, paying, matching."""

from setori.settlement.operations.closing import approve, close_period, mark_of_payment
from setori.settlement.operations.matching import match_report
from setori.settlement.operations.paying import (
    Step,
    StepKind,
    list_due,
    next_step,
    receive_event,
    record_found,
    record_sent,
)
from setori.settlement.operations.unfreezing import ask_again, call_unpaid

__all__ = [
    "Step",
    "StepKind",
    "approve",
    "ask_again",
    "call_unpaid",
    "close_period",
    "list_due",
    "mark_of_payment",
    "match_report",
    "next_step",
    "receive_event",
    "record_found",
    "record_sent",
]
