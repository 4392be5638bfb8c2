"""A personal budget in the sample market: the jobseeker of the tour has one, for coaching and for another service."""

from datetime import datetime, timedelta

from setori import envelopes, people
from setori.days import local_day
from setori.db import Sessions
from setori.envelopes import GiveEnvelope
from setori.people import Actor, Role
from setori.readmodels import programmes, wallet
from setori.seeding.market import Market
from setori.seeding.reading import read_world

SIZE, SHARE = 1_200_00, 800_00
REASON = "Näyte: suunnitelma, jossa valmennus ja sen rinnalla toinen palvelu."


async def give_budgets(sessions: Sessions, market: Market, *, at: datetime) -> None:
    """Whoever shows the jobseeker's side gets money beside the voucher, with a limit for two services."""
    desk = next(iter(market.desks.values()))
    worker = desk.staff[Role.CASE_WORKER][0]
    assert worker.organisation_id
    email = next(told["email"] for told in read_world().personas if told["role"] == Role.JOBSEEKER)
    async with sessions.begin() as db:
        person_id = await people.find_by_email(db, email)
        if person_id is None:
            return
        holder = Actor(person_id, Role.JOBSEEKER, None, "")
        held = await wallet.list_vouchers(db, holder, on=local_day(at))
        mine = next((one for one in held if one.is_open and one.area_code == desk.area), None)
        listed = await programmes.list_programmes(db, worker.organisation_id)
        rich = [row for row in listed if row.is_open and row.free > 4 * SIZE]
        if mine is None or not rich:
            return
        rich.sort(key=lambda row: (row.service_id != mine.service_id, row.id))
        order = GiveEnvelope(
            programme_id=rich[0].id,
            voucher_id=mine.id,
            name=email,
            email=email,
            amount_cents=SIZE,
            expires_on=local_day(at) + timedelta(days=180),
            limits={row.service_id: SHARE for row in rich[:2]},
            reason=REASON,
        )
        await envelopes.give(db, order, by=worker, at=at)
