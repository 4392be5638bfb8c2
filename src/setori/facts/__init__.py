"""Business facts (yritystiedot): what the public registers say of a firm, and when they were last asked."""

from setori.facts.commands import LookAtNotice
from setori.facts.gateway import CompanyRegister, Office, RegisterUnreachable, Told
from setori.facts.models import BusinessFact, FactAsking, FactNotice
from setori.facts.operations import NotUnderstood, keep, keep_silence, look_at, notice
from setori.facts.queries import (
    FactView,
    FirmFacts,
    NoticeView,
    count_notices,
    find_facts,
    find_notice,
    list_notices,
)
from setori.facts.rules import BAD, CheckOutcome, FactAnswer, FactKind, NotLooked, outcome_of

__all__ = [
    "BAD",
    "BusinessFact",
    "CheckOutcome",
    "CompanyRegister",
    "FactAnswer",
    "FactAsking",
    "FactKind",
    "FactNotice",
    "FactView",
    "FirmFacts",
    "LookAtNotice",
    "NotLooked",
    "NotUnderstood",
    "NoticeView",
    "Office",
    "RegisterUnreachable",
    "Told",
    "count_notices",
    "find_facts",
    "find_notice",
    "keep",
    "keep_silence",
    "list_notices",
    "look_at",
    "notice",
    "outcome_of",
]
