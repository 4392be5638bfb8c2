"""What is worth a question: how answers, sessions and case mixes must look before a procurer is told. Pure.

None of this proves anything, and nothing is blocked by it: each finding has innocent reasons, which the firm may give.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from math import sqrt

LOOKED_AT = timedelta(days=90)
"""How far back the nightly look reaches."""
USUAL_OVER = timedelta(days=180)
"""What is usual of a firm is counted over so long, before the days that are looked at for a burst."""
BURST_WITHIN = timedelta(days=2)
BURST_LOOKED_AT = timedelta(days=30)
BURST_AT_LEAST = 6
"""Answers within `BURST_WITHIN` that are no burst while they are fewer."""
BURST_TIMES_USUAL = 4
"""How many times the usual number of answers in that time makes a burst."""
SAME_DEVICE = 3
"""People who answered about one firm from one device."""
SAME_NETWORK = 5
"""People who answered about one firm from one network..."""
SAME_NETWORK_SHARE = 0.5
"""...if they are such a share of all whose network is known."""
SHARED_BY_FIRMS = 3
"""A device or network from which so many firms were answered about is a public one, and says nothing."""
TRACES_KEPT = timedelta(days=90)
"""After this the keyed hash of device and network is erased."""
ASKED_AT_LEAST = 20
"""People asked below which nothing is said about how many answered."""
TIME_TO_ANSWER = timedelta(days=14)
"""Whoever was asked later than this before the look does not count yet."""
FEW_ANSWERED = 0.3
"""The share of answers below which it is worth a question."""
FALLEN_TO = 0.5
"""The part of its former share to which the share of answers must have fallen."""
CONFIRMED_AT_LEAST = 10
SILENT_ABOVE = 0.4
"""The share of sessions that nobody confirmed with a word."""
TIMED_AT_LEAST = 15
EXACT_ABOVE = 0.95
"""The share of sessions that lasted to the minute what is paid for..."""
EXACT_USUAL = 0.8
"""...unless it is so at the service's other firms too."""
MIX_OVER = timedelta(days=365)
"""Over so long it is compared who saw a firm and who came."""
CHOSEN_AT_LEAST = 20
SEEN_AT_LEAST = 30
EASIER_BY = 0.15
"""By how much the share of clients with little need of support must differ from those who saw the firm..."""
SURELY = 2.33
"""...in standard errors too: one in a hundred firms that differ by chance alone."""
WAITING_AFTER = timedelta(days=42)
"""A client without a session or a booked time for so long waits."""
WITH_MUCH_NEED = 10
WAITING_ABOVE = 0.4
WAITING_TIMES = 2.0
"""How many times as often those with much need wait as the others."""
DAY_BEGINS, DAY_ENDS = 7, 21
"""Sessions that begin between these hours of the day are nothing special."""
ODD_AT_LEAST = 5
ODD_ABOVE = 0.2
ANSWER_WITHIN = timedelta(days=14)
"""How long a firm has for its answer."""
QUIET = timedelta(days=60)
"""After a flag was closed the same is not raised again for so long."""

Evidence = dict[str, float]


class FlagKind(StrEnum):
    """What was seen."""

    BURST = "burst"
    SAME_DEVICE = "same_device"
    SAME_NETWORK = "same_network"
    FEW_ANSWERS = "few_answers"
    FALLING_ANSWERS = "falling_answers"
    SILENCE = "silence"
    SAME_LENGTH = "same_length"
    CREAMING = "creaming"
    PARKING = "parking"
    ODD_HOURS = "odd_hours"


class FlagStatus(StrEnum):
    """Found at night, taken up by somebody, the firm asked, its answer there, closed with an outcome."""

    FOUND = "found"
    TAKEN_UP = "taken_up"
    ASKED = "asked"
    ANSWERED = "answered"
    CLOSED = "closed"


FLAG_MOVES: dict[FlagStatus, frozenset[FlagStatus]] = {
    FlagStatus.FOUND: frozenset({FlagStatus.TAKEN_UP}),
    FlagStatus.TAKEN_UP: frozenset({FlagStatus.ASKED, FlagStatus.CLOSED}),
    FlagStatus.ASKED: frozenset({FlagStatus.ANSWERED, FlagStatus.CLOSED}),
    FlagStatus.ANSWERED: frozenset({FlagStatus.CLOSED}),
    FlagStatus.CLOSED: frozenset(),
}


class FlagOutcome(StrEnum):
    """What it was: nothing, put right by the firm, to be kept in view, or a breach of the rulebook."""

    EXPLAINED = "explained"
    PUT_RIGHT = "put_right"
    IN_VIEW = "in_view"
    BREACH = "breach"


@dataclass(frozen=True, slots=True)
class Shared:
    """The most people that answered about a firm from one device or network, how many are known, and firms on it."""

    people: int
    known: int
    firms: int


@dataclass(frozen=True, slots=True)
class Asked:
    """People asked and people who answered, in the days looked at and in as many days before."""

    asked: int
    answered: int
    asked_before: int
    answered_before: int


@dataclass(frozen=True, slots=True)
class Sessions:
    """A firm's confirmed sessions: how many, confirmed by silence, with a told length, of these exactly the paid one,
    with a told time, of these at odd hours; and told and exact lengths of the service's other firms.
    """

    confirmed: int
    silent: int
    timed: int
    exact: int
    timed_others: int
    exact_others: int
    clocked: int
    odd: int


@dataclass(frozen=True, slots=True)
class Mix:
    """Clients whose need of support is known: who chose the firm and who saw it, and of these with a low need."""

    chose: int
    chose_low: int
    saw: int
    saw_low: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """A firm's clients who still have sessions: with a high need and others, and of these without any contact."""

    high: int
    high_waiting: int
    others: int
    others_waiting: int


def burst(answered_at: Sequence[datetime], *, at: datetime) -> Evidence | None:
    """Many answers within two days, and many times the usual number. `answered_at` in any order, UTC."""
    recent = sorted(moment for moment in answered_at if moment > at - BURST_LOOKED_AT)
    since = at - BURST_LOOKED_AT - USUAL_OVER
    before = sum(1 for moment in answered_at if since < moment <= at - BURST_LOOKED_AT)
    usual = before * (BURST_WITHIN / USUAL_OVER)
    most, first = 0, 0
    for last, moment in enumerate(recent):
        while recent[first] <= moment - BURST_WITHIN:
            first += 1
        most = max(most, last - first + 1)
    if most < BURST_AT_LEAST or most < BURST_TIMES_USUAL * usual:
        return None
    return {"answers": most, "usual": round(usual, 1)}


def same_device(told: Shared) -> Evidence | None:
    """Several people, one device, one firm."""
    if told.people < SAME_DEVICE or told.firms >= SHARED_BY_FIRMS:
        return None
    return {"people": told.people, "known": told.known}


def same_network(told: Shared) -> Evidence | None:
    """Half of a firm's answers come from one network that is not everybody's."""
    if told.people < SAME_NETWORK or told.firms >= SHARED_BY_FIRMS:
        return None
    if told.people < SAME_NETWORK_SHARE * told.known:
        return None
    return {"people": told.people, "known": told.known}


def few_answers(told: Asked) -> Evidence | None:
    """Most of those who were asked say nothing."""
    if told.asked < ASKED_AT_LEAST or told.answered >= FEW_ANSWERED * told.asked:
        return None
    return {"asked": told.asked, "answered": told.answered}


def falling_answers(told: Asked) -> Evidence | None:
    """Far fewer answer than before."""
    if min(told.asked, told.asked_before) < ASKED_AT_LEAST:
        return None
    now, before = told.answered / told.asked, told.answered_before / told.asked_before
    if now >= FALLEN_TO * before:
        return None
    return {"now": round(100 * now), "before": round(100 * before), "asked": told.asked}


def silence(told: Sessions) -> Evidence | None:
    """Too many sessions that nobody confirmed with a word."""
    if told.confirmed < CONFIRMED_AT_LEAST or told.silent <= SILENT_ABOVE * told.confirmed:
        return None
    return {"confirmed": told.confirmed, "silent": told.silent}


def same_length(told: Sessions) -> Evidence | None:
    """Every session lasts to the minute what is paid for, and elsewhere they do not."""
    if told.timed < TIMED_AT_LEAST or told.exact <= EXACT_ABOVE * told.timed:
        return None
    if told.timed_others >= TIMED_AT_LEAST and told.exact_others >= EXACT_USUAL * told.timed_others:
        return None
    return {"timed": told.timed, "exact": told.exact}


def odd_hours(told: Sessions) -> Evidence | None:
    """Sessions that begin when hardly anybody meets."""
    if told.odd < ODD_AT_LEAST or told.odd <= ODD_ABOVE * told.clocked:
        return None
    return {"clocked": told.clocked, "odd": told.odd}


def creaming(told: Mix) -> Evidence | None:
    """Those who came need less support than those who saw the firm."""
    if told.chose < CHOSEN_AT_LEAST or told.saw < SEEN_AT_LEAST:
        return None
    chose, saw = told.chose_low / told.chose, told.saw_low / told.saw
    if chose - saw < EASIER_BY or deviation(told.chose_low, told.chose, told.saw_low, told.saw) < SURELY:
        return None
    return {"chose": told.chose, "low": round(100 * chose), "saw": told.saw, "low_saw": round(100 * saw)}


def parking(told: Waiting) -> Evidence | None:
    """Clients with much need wait, and the others do not."""
    if told.high < WITH_MUCH_NEED or told.high_waiting <= WAITING_ABOVE * told.high:
        return None
    others = told.others_waiting / told.others if told.others else 0.0
    if told.high_waiting / told.high < WAITING_TIMES * others:
        return None
    return {"high": told.high, "waiting": told.high_waiting, "others": round(100 * others)}


def deviation(some: int, of: int, other: int, of_others: int) -> float:
    """How many standard errors the first share lies above the second: the pooled two-proportion z.

    0 when nothing varies. Source: any textbook; checked against scipy in the tests.
    """
    pooled = (some + other) / (of + of_others)
    error = sqrt(pooled * (1 - pooled) * (1 / of + 1 / of_others))
    return (some / of - other / of_others) / error if error else 0.0


def may_close(status: FlagStatus, outcome: FlagOutcome, *, is_overdue: bool) -> bool:
    """Whether it can be closed so. Nobody is told of a breach who was not heard, or did not have the time to answer."""
    if outcome in {FlagOutcome.BREACH, FlagOutcome.PUT_RIGHT}:
        return status is FlagStatus.ANSWERED or (status is FlagStatus.ASKED and is_overdue)
    return FlagStatus.CLOSED in FLAG_MOVES[status]
