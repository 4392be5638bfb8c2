"""Settlement (tilitys): what a procurer owes a provider for a month, approved by two, paid and matched."""

from setori.settlement.commands import ClosePeriod
from setori.settlement.gateway import (
    BadSignature,
    GatewayPayment,
    GatewayUnreachable,
    Later,
    Outcome,
    PaymentGateway,
    Refused,
    ReportLine,
    Submitted,
    Unknown,
    verify_webhook,
)
from setori.settlement.operations import (
    Step,
    StepKind,
    approve,
    close_period,
    list_due,
    mark_of_payment,
    match_report,
    next_step,
    receive_event,
    record_found,
    record_sent,
)
from setori.settlement.queries import StatementRow, list_statements, unmatched_since
from setori.settlement.refusals import MonthNotOver, NothingToSettle
from setori.settlement.rules import PaymentStatus, StatementStatus

__all__ = [
    "BadSignature",
    "ClosePeriod",
    "GatewayPayment",
    "GatewayUnreachable",
    "Later",
    "MonthNotOver",
    "NothingToSettle",
    "Outcome",
    "PaymentGateway",
    "PaymentStatus",
    "Refused",
    "ReportLine",
    "StatementRow",
    "StatementStatus",
    "Step",
    "StepKind",
    "Submitted",
    "Unknown",
    "approve",
    "close_period",
    "list_due",
    "list_statements",
    "mark_of_payment",
    "match_report",
    "next_step",
    "receive_event",
    "record_found",
    "record_sent",
    "unmatched_since",
    "verify_webhook",
]
