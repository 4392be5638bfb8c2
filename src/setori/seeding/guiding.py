"""Who walks beside whom in the sample market: a client with a service manager and a shortlist, and a proposal."""

from datetime import datetime, timedelta

from setori import catalogue, guiding, people
from setori.catalogue import Order, Search
from setori.days import local_day
from setori.db import Database, Sessions
from setori.guiding import Deed, InviteManager, ProposeManager, Scope, Suggest
from setori.people import Actor, Role
from setori.readmodels import clients, guided, wallet
from setori.seeding.market import Desk, Market
from setori.seeding.reading import read_world

COMMENT = "Näyte: hän ottaa rauhallisesti eikä hoputa. Voin tulla mukaan ensimmäiselle kerralle."
GIVES = [Scope.SEE, Scope.SHORTLIST, Scope.BOOK, Scope.ATTEND]


async def walk_beside(sessions: Sessions, market: Market, *, at: datetime) -> None:
    """A client has invited a service manager, who suggested a coach; to the jobseeker of the tour one is proposed."""
    desk = next(iter(market.desks.values()))
    manager = desk.staff[Role.SERVICE_MANAGER][0]
    mine = {told["email"]: told["role"] for told in read_world().personas}
    async with sessions.begin() as db:
        await _invited(db, desk, manager, set(mine), at=at)
        await _proposed(
            db, desk, manager, next(email for email in mine if mine[email] == Role.JOBSEEKER), at=at
        )


async def _invited(db: Database, desk: Desk, manager: Actor, mine: set[str], *, at: datetime) -> None:
    worker, today = desk.staff[Role.CASE_WORKER][0], local_day(at)
    listed = await clients.list_clients(db, by=worker, on=today, mine=False, limit=200)
    enough = today + timedelta(days=21)
    fitting = [one for one in listed.items if one.status == "claimed" and one.expires_on > enough]
    row = next((one for one in fitting if one.email and one.email not in mine), None)
    person_id = await people.find_by_email(db, row.email) if row else None
    if row is None or person_id is None:
        return
    before = at - timedelta(days=1)
    holder = Actor(person_id, Role.JOBSEEKER, None, row.name)
    order = InviteManager(
        manager_id=manager.person_id, scopes=GIVES, until_on=guiding.until_by_default(local_day(before))
    )
    consent_id = await guiding.invite(db, order, by=holder, at=before)
    beside = await guiding.look(db, consent_id, by=manager, at=before + timedelta(hours=1))
    voucher = await guided.find_voucher(db, beside, row.voucher_id, on=today)
    later = before + timedelta(hours=1, minutes=5)
    await guiding.look(db, consent_id, Deed.LOOKED_FOR_COACHES, by=manager, at=later)
    wanted = Search(area=voucher.area_code, service=voucher.service_id, order=Order.PRICE, limit=1)
    found = await catalogue.search(db, wanted, on=today, seed="guiding", counts=False)
    for card in found.cards:
        told = Suggest(
            voucher_id=voucher.id, offering_id=card.offering_id, coach_id=card.coach_id, comment=COMMENT
        )
        await guiding.suggest(db, consent_id, told, by=manager, at=later)


async def _proposed(db: Database, desk: Desk, manager: Actor, email: str, *, at: datetime) -> None:
    person_id = await people.find_by_email(db, email)
    if person_id is None:
        return
    holder = Actor(person_id, Role.JOBSEEKER, None, "")
    held = await wallet.list_vouchers(db, holder, on=local_day(at))
    own = [one.id for one in held if one.is_open and one.area_code == desk.area]
    if own:
        order = ProposeManager(
            manager_id=manager.person_id, scopes=GIVES, until_on=guiding.until_by_default(local_day(at))
        )
        await guiding.propose(
            db, own[0], order, by=desk.staff[Role.CASE_WORKER][0], at=at - timedelta(hours=3)
        )
