"""The sample world: read from seed/ and lived through the domains' own operations, month by month, up to today."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from setori import figures, people, reviews
from setori.days import local_day
from setori.db import Database, Sessions
from setori.people import Role
from setori.seeding.assessing import fill_desks
from setori.seeding.batches import hand_in_lists
from setori.seeding.consortia import form_consortia
from setori.seeding.dialogues import hold_dialogues
from setori.seeding.envelopes import give_budgets
from setori.seeding.guiding import walk_beside
from setori.seeding.helper import Helper
from setori.seeding.looking import talk_back
from setori.seeding.market import build
from setori.seeding.meetings import open_calendars
from setori.seeding.months import live
from setori.seeding.outcomes import claim_outcomes
from setori.seeding.reading import read_world
from setori.seeding.registers import ask_last_night
from setori.settlement import PaymentGateway

SEED = 20261122

Progress = Callable[[int, int, str], None]


@dataclass(frozen=True, slots=True)
class Persona:
    """Somebody of the sample world whose eyes one can look through."""

    role: Role
    name: str
    person_id: UUID
    membership_id: UUID


async def load(
    sessions: Sessions,
    url: str,
    *,
    at: datetime,
    key: bytes,
    gateway: PaymentGateway,
    progress: Progress,
    pause: Callable[[], Awaitable[None]],
) -> None:
    """Fill an empty database with the sample world as it stands at `at`: the same world for the same day.

    `url` is where `sessions` lead, for the helper that loads beside; `key` makes the voucher codes, `gateway` is paid
    through, and `pause` waits until it has booked what it was sent.
    """
    with Helper(url) as helper:
        world = read_world()
        market = await build(sessions, world, helper, at=at, progress=progress)
        async with sessions.begin() as db:
            await form_consortia(db, world, market, at=at)
        async with sessions.begin() as db:
            await fill_desks(db, world, market, at=at)
        async with sessions.begin() as db:
            await hold_dialogues(db, world, market, at=at)
        await live(
            sessions,
            world,
            market,
            helper,
            SEED,
            at=at,
            key=key,
            gateway=gateway,
            progress=progress,
            pause=pause,
        )
        async with asyncio.TaskGroup() as side_by_side:
            side_by_side.create_task(helper.do(open_calendars, market, at=at))
            await claim_outcomes(sessions, market, at=at)
            await ask_last_night(sessions, at=at)
            await hand_in_lists(sessions, market, key=key, at=at)
            await walk_beside(sessions, market, at=at)
            await give_budgets(sessions, market, at=at)
        async with sessions.begin() as db:
            for service_id in await reviews.list_uncounted(db, on=local_day(at)):
                await reviews.count_all(db, service_id, on=local_day(at))
            for service_id in await figures.list_services_due(db, local_day(at)):
                await figures.count_outcomes(db, service_id, at=at)
            await figures.publish_month(db, at=at)
        await talk_back(sessions, market, key=key, at=at)
    progress(100, 100, "the sample world is ready")


async def personas(db: Database) -> list[Persona]:
    """The people of the tour, by the addresses that seed/world/personas.yaml gives them."""
    found = []
    for told in read_world().personas:
        person_id = await people.find_by_email(db, told["email"])
        if person_id is None:
            continue
        role = Role(told["role"])
        for membership in await people.list_memberships(db, person_id):
            if membership.role is role:
                found.append(Persona(role, membership.person_name, person_id, membership.id))
                break
    return found


__all__ = ["Persona", "load", "personas"]
