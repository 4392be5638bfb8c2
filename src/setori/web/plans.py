"""What if: coaches and numbers of sessions put together, and what a personal budget says to it. Decides nothing."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from setori import catalogue, envelopes
from setori.catalogue import Card, Search
from setori.readmodels.envelopes import EnvelopePage
from setori.web.given import Db, Req

ROWS = 3
"""How many can be put together at once."""
USUAL = 5
"""How many sessions a row begins with."""
LISTED = 100
"""How many of a service are offered in the list; all of them are in the catalogue."""


@dataclass(frozen=True, slots=True)
class PlanRow:
    """One coach and so many sessions. Cents: what they cost, and what is set aside until they are used.

    `aside_cents` is None when no programme pays for it; `over_cents` is by how much the service's limit or the budget
    would be exceeded by this row alone.
    """

    card: Card
    sessions: int
    cost_cents: int
    aside_cents: int | None
    over_cents: int

    @property
    def fits(self) -> bool:
        """Whether it could be taken as things stand."""
        return self.aside_cents is not None and self.over_cents <= 0


@dataclass(frozen=True, slots=True)
class Plan:
    """What was put together, the list to pick from by service, and what would be left."""

    picked: list[tuple[str, int]]
    rows: list[PlanRow]
    options: dict[UUID, list[Card]]
    over: dict[UUID, int]
    """By how much services would be over their limits, in cents."""
    left_cents: int
    """What would be left in the budget when all of it was set aside; less than nothing when it does not reach."""
    query: str
    """What makes the same plan again, for an address."""

    @property
    def cost_cents(self) -> int:
        """What all of it costs."""
        return sum(row.cost_cents for row in self.rows)

    @property
    def aside_cents(self) -> int:
        """What all of it sets aside."""
        return sum(row.aside_cents or 0 for row in self.rows)


async def plan_of(request: Req, db: Db, seen: EnvelopePage, *, on: date, lang: str) -> Plan:
    """The plan that an address asks for: `pair` and `sessions`, each as often as there are rows."""
    picked = _picked(request)
    pairs = [pair for pair, _ in picked]
    cards = {
        (card.offering_id, card.coach_id): card for card in await catalogue.compare(db, pairs, on=on) if pairs
    }
    allowed = {share.service_id for share in seen.shares}
    rows, taken = [], dict.fromkeys(allowed, 0)
    for pair, sessions in picked:
        card = cards.get(pair)
        if card is None or card.service_id not in allowed:
            continue
        aside = await envelopes.price(db, seen.row.id, card.service_id, card.price_cents, sessions)
        over = (aside or 0) - seen.left_for(card.service_id)
        rows.append(PlanRow(card, sessions, sessions * card.price_cents, aside, over))
        taken[card.service_id] += aside or 0
    limits = {share.service_id: share.left_cents for share in seen.shares}
    return Plan(
        picked=[(_value(pair), sessions) for pair, sessions in picked],
        rows=rows,
        options=await _options(db, seen, on=on, lang=lang),
        over={one: cents - limits[one] for one, cents in taken.items() if cents > limits[one]},
        left_cents=seen.row.free_cents - sum(taken.values()),
        query=urlencode([told for pair, n in picked for told in (("pair", _value(pair)), ("sessions", n))]),
    )


async def _options(db: Db, seen: EnvelopePage, *, on: date, lang: str) -> dict[UUID, list[Card]]:
    found: dict[UUID, list[Card]] = {}
    for share in seen.shares:
        wanted = Search(service=share.service_id, area=seen.area_code, limit=LISTED)
        page = await catalogue.search(db, wanted, on=on, seed=str(seen.row.id), lang=lang, counts=False)
        found[share.service_id] = sorted(page.cards, key=lambda card: card.coach_name or card.provider_name)
    return found


def _picked(request: Req) -> list[tuple[tuple[UUID, UUID | None], int]]:
    pairs, counts = request.query_params.getall("pair", []), request.query_params.getall("sessions", [])
    picked: dict[tuple[UUID, UUID | None], int] = {}
    for number, told in enumerate(pairs):
        offering, _, coach = told.partition("_")
        count = counts[number] if number < len(counts) else ""
        try:
            pair = (UUID(offering), UUID(coach) if coach else None)
        except ValueError:
            continue
        picked.setdefault(
            pair, min(100, max(1, int(count))) if count.isascii() and count.isdigit() else USUAL
        )
    return list(picked.items())[:ROWS]


def _value(pair: tuple[Any, Any]) -> str:
    return f"{pair[0]}_{pair[1] or ''}"
