"""Vouchers (palveluseteli): a promise to pay for a service up to a price, until a day, to whom the holder chose."""

from setori.vouchers.codes import code_of, hash_of, read, shown
from setori.vouchers.commands import (
    ChooseOffering,
    GiveReason,
    GrantBudget,
    IssueVoucher,
    RedeemVoucher,
    StartProgramme,
)
from setori.vouchers.models import Choice, Programme, Redemption, Voucher
from setori.vouchers.operations import (
    Receipt,
    cancel,
    choose,
    claim,
    confirm,
    expire_due,
    grant_budget,
    issue,
    lapse_due,
    redeem,
    refuse,
    reverse,
    start_programme,
    tell_clients_lost,
)
from setori.vouchers.operations.issuing import Issued
from setori.vouchers.queries import (
    ReviewableSession,
    redemption_for_review,
)
from setori.vouchers.refusals import NotChoosable, TooDear, UnknownCode
from setori.vouchers.rules import HOLD_LIVES, RedemptionStatus, Verdict, VoucherStatus

__all__ = [
    "HOLD_LIVES",
    "Choice",
    "ChooseOffering",
    "GiveReason",
    "GrantBudget",
    "IssueVoucher",
    "Issued",
    "NotChoosable",
    "Programme",
    "Receipt",
    "RedeemVoucher",
    "Redemption",
    "RedemptionStatus",
    "ReviewableSession",
    "StartProgramme",
    "TooDear",
    "UnknownCode",
    "Verdict",
    "Voucher",
    "VoucherStatus",
    "cancel",
    "choose",
    "claim",
    "code_of",
    "confirm",
    "expire_due",
    "grant_budget",
    "hash_of",
    "issue",
    "lapse_due",
    "read",
    "redeem",
    "redemption_for_review",
    "refuse",
    "reverse",
    "shown",
    "start_programme",
    "tell_clients_lost",
]
