"""Envelopes (henkilökohtainen budjetti): money for one person, out of which several vouchers come."""

from setori.envelopes.commands import ChangeEnvelope, DrawVoucher, EndEnvelope, GiveEnvelope, TakeOffering
from setori.envelopes.models import Envelope, EnvelopeLimit
from setori.envelopes.operations import change, draw, end, end_due, give, take
from setori.envelopes.queries import find, has_live, price
from setori.envelopes.refusals import EnvelopeEmpty, EnvelopeOver, LimitsTaken, NotForService, OverLimit

__all__ = [
    "ChangeEnvelope",
    "DrawVoucher",
    "EndEnvelope",
    "Envelope",
    "EnvelopeEmpty",
    "EnvelopeLimit",
    "EnvelopeOver",
    "GiveEnvelope",
    "LimitsTaken",
    "NotForService",
    "OverLimit",
    "TakeOffering",
    "change",
    "draw",
    "end",
    "end_due",
    "find",
    "give",
    "has_live",
    "price",
    "take",
]
