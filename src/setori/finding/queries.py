"""Finding three: the catalogue is asked with the wishes, and with fewer of them as long as nobody fits."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from setori import catalogue, places
from setori.catalogue import Card, Order, Search
from setori.days import local_day
from setori.finding.commands import Wishes
from setori.finding.models import Finding, ShortlistEntry
from setori.finding.rules import Candidate, Drawback, Loosened, Pick, Reason, pick

Pair = tuple[UUID, UUID | None]
LOOKED_AT = 100


@dataclass(frozen=True, slots=True)
class Three:
    """Whom the wishes led to, which wishes were let go on the way, and whether the place that was named is known."""

    picks: list[tuple[Card, Pick]]
    loosened: list[Loosened]
    is_place_known: bool = True


async def find(
    db: AsyncSession,
    wishes: Wishes,
    *,
    seed: str,
    at: datetime,
    most_cents: int | None = None,
    without_provider: UUID | None = None,
) -> Three:
    """At most three, of as many providers, stable for one person on one day.

    `most_cents` is what a voucher pays for a session; `without_provider` is one that was lost.
    """
    spot = await places.find_spot(db, wishes.near) if wishes.near else None
    wanted = Search(
        area=wishes.area,
        language=wishes.language,
        way=wishes.way,
        service=wishes.service,
        most_cents=most_cents,
        near=wishes.near if spot else "",
        km=wishes.km if spot else None,
        order=Order.TURNS,
        limit=LOOKED_AT,
    )
    loosened: list[Loosened] = []
    origin = (spot.latitude, spot.longitude) if spot else None
    for let_go in (None, *_steps(wanted)):
        if let_go is not None:
            loosened.append(let_go)
            wanted = wanted.model_copy(update=_UPDATES[let_go])
        found = await catalogue.search(db, wanted, on=local_day(at), seed=seed, counts=False, origin=origin)
        cards = {
            (card.offering_id, card.coach_id): card
            for card in found.cards
            if card.provider_id != without_provider
        }
        drawn = {(one.offering_id, one.coach_id): one for one in found.shown}
        candidates = [
            _candidate(
                card,
                float(drawn[pair].draw or drawn[pair].score),
                drawn[pair].earliest,
                drawn[pair].km,
            )
            for pair, card in cards.items()
        ]
        picks = pick(candidates, frozenset(wishes.helps), now=at)
        if picks:
            return Three([(cards[_pair(one)], one) for one in picks], loosened, not wishes.near or bool(spot))
    return Three([], loosened, not wishes.near or bool(spot))


async def find_kept(db: AsyncSession, person_id: UUID) -> Finding | None:
    """What was found for somebody last."""
    return (await db.exec(select(Finding).where(Finding.person_id == person_id))).first()


async def list_shortlist(db: AsyncSession, person_id: UUID) -> list[Pair]:
    """Whom somebody wants to remember, the first put there first."""
    rows = await db.exec(
        select(ShortlistEntry.offering_id, ShortlistEntry.coach_id)
        .where(ShortlistEntry.person_id == person_id)
        .order_by(col(ShortlistEntry.listed_at), col(ShortlistEntry.id))
    )
    return [(offering_id, coach_id) for offering_id, coach_id in rows]


async def show_kept(db: AsyncSession, person_id: UUID, *, at: datetime) -> list[tuple[Card, Pick]]:
    """What is kept in somebody's wallet, as it can be chosen today; who cannot be chosen any more is left out."""
    kept = await find_kept(db, person_id)
    if kept is None:
        return []
    picks = [(_read_pair(told["pair"]), told) for told in kept.picks]
    cards = {
        (card.offering_id, card.coach_id): card
        for card in await catalogue.compare(db, [pair for pair, _ in picks], on=local_day(at))
        if card.is_choosable
    }
    return [
        (
            cards[pair],
            Pick(pair, Reason(told["reason"]), Drawback(told["drawback"]), _read_params(told["params"])),
        )
        for pair, told in picks
        if pair in cards
    ]


_UPDATES = {
    Loosened.DISTANCE: {"km": None},
    Loosened.WAY: {"way": None},
    Loosened.LANGUAGE: {"language": None},
    Loosened.AREA: {"area": None},
}


def _steps(wanted: Search) -> Sequence[Loosened]:
    """In which order wishes are let go: who is far may come by video, and a language is given up late."""
    asked = {
        Loosened.DISTANCE: wanted.km,
        Loosened.WAY: wanted.way,
        Loosened.LANGUAGE: wanted.language,
        Loosened.AREA: wanted.area,
    }
    return [wish for wish, told in asked.items() if told is not None]


def _candidate(card: Card, draw: float, earliest: float | None, km: float | None) -> Candidate:
    figure = card.experience
    low, high = figure.interval
    return Candidate(
        key=(card.offering_id, card.coach_id),
        provider=card.provider_id,
        draw=draw,
        low=low,
        high=high,
        usual=figure.prior.mean,
        respondents=figure.respondents,
        price_cents=card.price_cents,
        languages=card.languages,
        ways=card.ways,
        helps=frozenset(card.helps),
        earliest=datetime.fromtimestamp(earliest, UTC) if earliest is not None else None,
        km=km,
    )


def _read_params(told: dict[str, Any]) -> dict[str, Any]:
    """As they were before they were kept: an instant is an instant again."""
    earliest = told["earliest"]
    return told | {"earliest": datetime.fromisoformat(earliest) if earliest else None}


def _pair(one: Pick) -> Pair:
    assert isinstance(one.key, tuple)
    return one.key


def _read_pair(value: str) -> Pair:
    offering_id, _, coach_id = value.partition("_")
    return UUID(offering_id), UUID(coach_id) if coach_id else None
