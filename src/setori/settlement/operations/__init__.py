"""What can be done in settlement: closing, approving, paying, matching."""

from setori.settlement.operations.closing import approve, close_period
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

__all__ = [
    "Step",
    "StepKind",
    "approve",
    "close_period",
    "list_due",
    "match_report",
    "next_step",
    "receive_event",
    "record_found",
    "record_sent",
]
