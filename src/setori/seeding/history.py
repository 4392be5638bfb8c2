"""What happened in a procurer's market: vouchers issued, coaches chosen, sessions held, confirmed and reviewed.

Everything is planned first, then lived in the order of time.
"""

import heapq
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from setori import reviews, showings, vouchers
from setori.days import local_day, noon
from setori.db import Database, Sessions, new_id, wire_of
from setori.people import Actor, Role
from setori.quality.experience import Prior
from setori.quality.order import Candidate, arrange
from setori.reviews import AnswerPulse, Item
from setori.seeding.market import Desk, Market, Pair
from setori.seeding.reading import World
from setori.vouchers import (
    AgeBand,
    ChooseOffering,
    DecideDispute,
    Decision,
    DisputeKind,
    DisputeSession,
    GiveReason,
    IssueVoucher,
    RedeemVoucher,
    SupportNeed,
    Unemployed,
)

VOUCHERS = 600
SESSIONS = 2500
REVIEWS = 900
BATCH = 150


@dataclass(order=True)
class Event:
    """Something that happens at a moment; `number` keeps equal moments in the order of planning."""

    at: datetime
    number: int
    act: Callable[[Database], Awaitable[None]] = field(compare=False)


class Diary:
    """What will happen, the earliest first."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.planned = 0

    def plan(self, at: datetime, act: Callable[[Database], Awaitable[None]]) -> None:
        """Put an act into the diary."""
        self.planned += 1
        heapq.heappush(self.events, Event(at, self.planned, act))


class Life:
    """The history of one procurer's market. `share` is its part of all sessions and reviews."""

    def __init__(
        self,
        world: World,
        market: Market,
        desk: Desk,
        words: list[dict[str, Any]],
        chance: random.Random,
        *,
        share: float,
        at: datetime,
        key: bytes,
    ) -> None:
        self.world, self.market, self.desk, self.chance = world, market, desk, chance
        self.now, self.key = at, key
        self.diary = Diary()
        self.is_at = self.asked_at = datetime.min.replace(tzinfo=at.tzinfo)
        self.sessions_left = round(SESSIONS * share)
        self.reviews_left = round(REVIEWS * share)
        self.to_review: list[Callable[[Database], Awaitable[None]]] = []
        self.names = set[str]()
        self.words: dict[int, list[dict[str, Any]]] = {}
        for told in words:
            self.words.setdefault(told["rating"], []).append(told)

    async def go_on(self, sessions: Sessions, until: datetime, tell: Callable[[], None]) -> None:
        """Live through everything up to a moment."""
        events = self.diary.events
        while events and events[0].at <= until:
            async with sessions.begin() as db:
                for _ in range(BATCH):
                    if not events or events[0].at > until:
                        break
                    event = heapq.heappop(events)
                    await event.act(db)
                    self.is_at = event.at
            async with sessions.begin() as db:
                since, self.asked_at = self.asked_at, self.is_at
                await reviews.ask_due(db, at=self.is_at, since=since, procurer_id=self.desk.id, by_mail=False)
                for write in self.to_review:
                    await write(db)
            self.to_review.clear()
            tell()

    def plan_voucher(self, number: int) -> None:
        """One young person's voucher, from its issue to wherever it is today."""
        chance, today = self.chance, local_day(self.now)
        desk = self.desk
        shares = [told["share"] for _, told in desk.programmes]
        programme_id, told = (
            desk.programmes[number] if number < 2 else chance.choices(desk.programmes, weights=shares)[0]
        )
        span = (today - self.market.began_on).days
        age = int(span * (1 - chance.random() ** 1.15)) if number > 1 else (20, 1)[number]
        issued_on = today - timedelta(days=min(age, span) + (12 if age > 20 else 0))
        at = noon(issued_on) + timedelta(minutes=chance.randrange(-180, 240))
        at = min(at, self.now - timedelta(hours=2))
        worker = desk.staff[Role.CASE_WORKER][number % len(desk.staff[Role.CASE_WORKER])]
        person = self._person(number)
        fate = ("whole", "claimed")[number] if number < 2 else self._fate(age)

        async def issue(db: Database) -> None:
            days = 30 if fate == "expires" else None
            order = IssueVoucher(
                programme_id=programme_id,
                name=person["name"],
                email=person["email"],
                language=person["language"],
                expires_on=issued_on + timedelta(days=days) if days else None,
                support_need=list(SupportNeed)[number % 3],
                unemployed=list(Unemployed)[number // 3 % 3],
                age_band=list(AgeBand)[number // 9 % 4],
            )
            issued = await vouchers.issue(db, order, key=self.key, by=worker, at=at)
            holder = Actor(issued.person_id, Role.JOBSEEKER, None, person["name"], person["language"])
            if fate == "issued" or (fate == "expires" and chance.random() < 0.5):
                return
            if fate == "cancelled":
                self.diary.plan(
                    at + timedelta(days=9), lambda db: self._cancel(db, issued.voucher_id, worker, at)
                )
                return
            claimed = min(at + timedelta(hours=chance.randrange(2, 70)), self.now - timedelta(hours=1))

            async def claim(db: Database) -> None:
                await vouchers.claim(db, issued.claim_token, at=claimed)
                if fate in ("claimed", "expires"):
                    return
                self._plan_choice(desk, told, issued, holder, claimed, person, fate)

            self.diary.plan(claimed, claim)

        self.diary.plan(at, issue)

    async def _cancel(self, db: Database, voucher_id: UUID, worker: Actor, at: datetime) -> None:
        reason = GiveReason(reason="Sai työpaikan ennen ensimmäistä tapaamista.")
        await vouchers.cancel(db, voucher_id, reason, by=worker, at=at + timedelta(days=9))

    def _plan_choice(
        self,
        desk: Desk,
        told: dict[str, Any],
        issued: vouchers.Issued,
        holder: Actor,
        claimed: datetime,
        person: dict[str, str],
        fate: str,
    ) -> None:
        chance = self.chance
        chosen = min(claimed + timedelta(hours=chance.randrange(1, 120)), self.now - timedelta(minutes=50))
        day = local_day(chosen)
        pairs = [
            pair
            for pair in desk.pairs.get(told["service"], [])
            if pair.from_day <= day and (pair.until_day is None or day < pair.until_day)
        ]
        if not pairs:
            return
        wanted = self.market.coach_keys.get(person.get("coach", ""))
        pair = (
            next((one for one in pairs if one.coach_id == wanted), None)
            or chance.choices(pairs, weights=[0.4 + one.quality**2 for one in pairs])[0]
        )

        async def choose(db: Database) -> None:
            order = ChooseOffering(offering_id=pair.offering_id, coach_id=pair.coach_id)
            try:
                await vouchers.choose(db, issued.voucher_id, order, by=holder, at=chosen)
            except vouchers.TooDear:
                return
            await _note_list(db, issued.voucher_id, pairs, holder, chosen)
            self._plan_sessions(issued, holder, pair, chosen, person, fate)

        self.diary.plan(chosen, choose)

    def _plan_sessions(
        self,
        issued: vouchers.Issued,
        holder: Actor,
        pair: Pair,
        chosen: datetime,
        person: dict[str, str],
        fate: str,
    ) -> None:
        chance = self.chance
        gone = (
            3
            if fate == "whole"
            else issued.units
            if chance.random() < 0.86
            else chance.randrange(1, issued.units)
        )
        gap = 5 if fate == "whole" else chance.choice((4, 5, 6, 7, 8))
        moment = chosen + timedelta(days=1)
        last = date.fromisoformat(issued.expires_on)
        for index in range(gone):
            moment += timedelta(days=gap + chance.randrange(-1, 3)) if index else timedelta(days=2)
            held = noon(local_day(moment)) + timedelta(minutes=30 * chance.randrange(-6, 12))
            day = local_day(held)
            if held > self.now - timedelta(minutes=40) or day > last or self.sessions_left <= 0:
                return
            if pair.until_day and day >= pair.until_day:
                return
            self.sessions_left -= 1
            self._plan_session(issued, holder, pair, held, index, person, is_mine=fate == "whole")

    def _plan_session(
        self,
        issued: vouchers.Issued,
        holder: Actor,
        pair: Pair,
        held: datetime,
        index: int,
        person: dict[str, str],
        *,
        is_mine: bool,
    ) -> None:
        chance = self.chance
        redemption_id = new_id()
        coach = self.market.coaches[pair.coach_id]
        recorded = min(
            held + timedelta(hours=chance.choice((1, 1, 2, 5, 20))), self.now - timedelta(minutes=20)
        )
        answered = recorded + timedelta(hours=chance.choice((1, 2, 3, 8, 20, 44)))
        roll = chance.random()
        minutes = chance.choice((45, 50, 55, 60, 60, 60))
        is_waiting = answered > self.now - timedelta(minutes=10) or (is_mine and index == 2)

        async def record(db: Database) -> None:
            order = RedeemVoucher(
                voucher_code=issued.code, units=1, service_day=local_day(held), minutes=minutes
            )
            wire = await wire_of(db)
            await vouchers.redeem(wire, redemption_id, order, key=self.key, by=coach, at=recorded)

        async def answer(db: Database) -> None:
            wire = await wire_of(db)
            if roll < 0.015 and not is_mine:
                words = "Emme tavanneet sinä päivänä."
                said = DisputeSession(kind=DisputeKind.DID_NOT_HAPPEN, words=words)
                await vouchers.dispute(wire, redemption_id, said, by=holder, at=answered)
                later = answered + timedelta(days=2)
                if later < self.now - timedelta(days=6):
                    decision = DecideDispute(
                        decision=Decision.NOT_HELD, words="Tapaamisesta ei ole merkintää."
                    )
                    worker = self.desk.staff[Role.CASE_WORKER][0]
                    await vouchers.decide_dispute(wire, redemption_id, decision, by=worker, at=later)
                return
            await vouchers.confirm(wire, redemption_id, by=holder, at=answered)
            if roll > 0.985 and not is_mine:
                reason = GiveReason(reason="Kirjattu väärälle päivälle.")
                later = answered + timedelta(minutes=15)
                await vouchers.reverse(wire, redemption_id, reason, by=coach, at=later)
                return
            self._plan_review(redemption_id, holder, pair, answered, index, person)

        self.diary.plan(recorded, record)
        if not is_waiting:
            self.diary.plan(answered, answer)

    def _plan_review(
        self,
        redemption_id: UUID,
        holder: Actor,
        pair: Pair,
        confirmed: datetime,
        index: int,
        person: dict[str, str],
    ) -> None:
        chance = self.chance
        likely = (0.62, 0.2, 0.45)[min(index, 2)] if index != 1 else 0.2
        if self.reviews_left <= 0 or chance.random() > likely or (holder.name == person.get("me")):
            return
        written = confirmed + timedelta(hours=chance.randrange(1, 60))
        if written > self.now:
            return
        self.reviews_left -= 1
        rating = max(1, min(5, round(chance.gauss(pair.quality, 0.85))))
        words = self._words(rating, person["language"]) if chance.random() < 0.4 else ""

        points = {item: max(1, min(5, round(chance.gauss(pair.quality, 0.85)))) for item in Item}

        async def write(db: Database) -> None:
            pulses = await reviews.list_waiting(db, by=holder, at=self.is_at)
            asked = [
                one for one in pulses if (one.offering_id, one.coach_id) == (pair.offering_id, pair.coach_id)
            ]
            if asked:
                order = AnswerPulse(**{item.value: given for item, given in points.items()}, text=words)
                spoken = person["language"]
                at = max(written, self.is_at)
                await reviews.answer(db, asked[0].id, order, by=holder, at=at, language=spoken, counts=False)

        async def tell(_: Database) -> None:
            self.to_review.append(write)

        self.diary.plan(written, tell)

    def _words(self, rating: int, language: str) -> str:
        """What fits the rating and was said longest ago, so that nobody reads the same words twice on a page."""
        told = self.words[rating]
        chosen = next((one for one in told if one["language"] == language), told[0])
        told.remove(chosen)
        told.append(chosen)
        return str(chosen["text"])

    def _fate(self, age: int) -> str:
        roll = self.chance.random()
        if age < 12 and roll < 0.35:
            return "issued" if roll < 0.16 else "claimed"
        if roll < 0.035:
            return "cancelled" if age > 10 else "issued"
        if roll < 0.085 and age > 45:
            return "expires"
        return "claimed" if roll > 0.975 else "goes"

    def _person(self, number: int) -> dict[str, str]:
        told = self.world.jobseekers
        if number <= len(told["people"]):
            return dict(told["people"][max(number - 1, 0)])
        while True:
            first, last = self.chance.choice(told["first_names"]), self.chance.choice(told["last_names"])
            language = self.chance.choices(("fi", "sv", "en"), weights=(88, 6, 6))[0]
            if (name := f"{first} {last}") not in self.names:
                self.names.add(name)
                return {"name": name, "email": f"sample{number}@example.org", "language": language}


async def _note_list(
    db: Database, voucher_id: UUID, pairs: list[Pair], holder: Actor, chosen: datetime
) -> None:
    """The list from which somebody chose, as it is drawn while nobody has said anything of anybody."""
    seed, day, prior = str(holder.person_id), local_day(chosen), Prior()
    sd = (prior.variance / prior.k) ** 0.5
    known = {f"{one.offering_id}_{one.coach_id}": one for one in pairs}
    drawn = arrange(
        [Candidate(key, str(one.provider_id), prior.mean, sd) for key, one in known.items()], seed, day
    )
    seen = [(known[place.key].offering_id, known[place.key].coach_id) for place in drawn]
    await showings.note(db, seen, by=holder, seed=seed, day=day, at=chosen)
    await showings.note_choice(db, voucher_id, by=holder, at=chosen)


def plan_lives(world: World, market: Market, seed: int, *, at: datetime, key: bytes) -> list[Life]:
    """A life for each procurer, with its vouchers planned; the same for the same seed and moment."""
    chance = random.Random(seed)
    desks = list(market.desks.values())
    whose = [0, 0, *chance.choices(range(len(desks)), weights=(5, 4, 3), k=VOUCHERS - 2)]
    words = chance.sample(world.reviews, len(world.reviews))
    lives = [
        Life(
            world,
            market,
            desk,
            words[index :: len(desks)],
            random.Random(chance.random()),
            share=whose.count(index) / VOUCHERS,
            at=at,
            key=key,
        )
        for index, desk in enumerate(desks)
    ]
    for number, index in enumerate(whose):  # the first two vouchers are those of the tour
        lives[index].plan_voucher(number)
    return lives
