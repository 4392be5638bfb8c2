"""Consents and suggestions among the things of a market that an address can name, and what their forms must hold."""

from datetime import timedelta
from uuid import UUID

from setori import guiding, people, vouchers
from setori.app import clock
from setori.booking.rules import instant_of
from setori.days import local_day
from setori.db import Database
from setori.guiding import InviteManager, ProposeManager, Scope, Suggest
from setori.people import Actor, Role
from setori.vouchers import IssueVoucher
from tests.domains import builders as a
from tests.world import Market

SCOPES = [scope.value for scope in Scope]


def said_of_guiding(mine: Market) -> dict[str, dict[str, object]]:
    """What each form about service managers must hold to be taken seriously."""
    today = local_day(clock())
    manager = str(mine.actors[Role.SERVICE_MANAGER].person_id)
    starts_at = instant_of(today + timedelta(days=5), 10 * 60 + 15).isoformat()
    later = instant_of(today + timedelta(days=6), 10 * 60 + 15).isoformat()
    voucher = {"voucher": str(mine.voucher_id)}
    pair = {"offering": str(mine.offering_id), "coach": str(mine.coach_id)}
    given = {"scopes": SCOPES, "until_on": str(today + timedelta(days=30))}
    named = {"voucher_id": str(mine.voucher_id), **{f"{name}_id": id for name, id in pair.items()}}
    return {
        "POST /wallet/helpers/{consent_id}/yes": given,
        "POST /wallet/helpers/{consent_id}/no": {},
        "POST /procurer/proposals/{consent_id}/withdrawal": {},
        "POST /wallet/helpers/{consent_id}/end": {},
        "POST /procurer/vouchers/{voucher_id}/helper": {**given, "manager_id": manager},
        "GET /guiding/clients/{consent_id}/coaches": voucher,
        "GET /guiding/clients/{consent_id}/find": voucher,
        "GET /guiding/clients/{consent_id}/find/three": voucher,
        "POST /guiding/clients/{consent_id}/find/three": voucher,
        "POST /procurer/vouchers/{voucher_id}/find/three": {},
        "POST /provider/coaches/{coach_id}": {"name": "Maija", "languages": "fi", "is_active": "true"},
        "GET /guiding/clients/{consent_id}/suggestion": voucher | pair,
        "POST /guiding/clients/{consent_id}/suggestions": named,
        "POST /guiding/suggestions/{suggestion_id}/removal": {},
        "GET /guiding/clients/{consent_id}/times": voucher,
        "GET /guiding/clients/{consent_id}/meeting": voucher | {"starts_at": starts_at},
        "POST /guiding/clients/{consent_id}/meetings": {
            "voucher_id": str(mine.voucher_id),
            "starts_at": starts_at,
        },
        "GET /guiding/meetings/{booking_id}/move": {"starts_at": starts_at},
        "POST /guiding/meetings/{booking_id}/move": {"starts_at": later},
        "POST /guiding/meetings/{booking_id}/cancellation": {"reason": "Ill."},
        "POST /guiding/meetings/{booking_id}/attendance": {},
        "POST /guiding/meetings/{booking_id}/attendance/removal": {},
        "POST /guiding/clients/{consent_id}/end": {},
    }


async def guiding_things(db: Database, market: Market, key: bytes) -> dict[str, dict[str, UUID]]:
    """Two proposals, three consents in force, and a suggestion."""
    at, holder = clock() - timedelta(hours=1), market.actors[Role.JOBSEEKER]
    until = local_day(at) + timedelta(days=30)
    manager, desk = market.actors[Role.SERVICE_MANAGER], market.actors[Role.CASE_WORKER]
    # Somebody else's, to step back from; so little is allowed that nothing else is done with it.
    letter = IssueVoucher(programme_id=market.programme_id, name="Olli Oja", email="olli.oja@example.fi")
    issued = await vouchers.issue(db, letter, key=key, by=desk, at=at)
    await vouchers.claim(db, issued.claim_token, at=at)
    olli = Actor(issued.person_id, Role.JOBSEEKER, None, "Olli Oja")
    little = InviteManager(manager_id=manager.person_id, scopes=[Scope.SEE], until_on=until)
    found = {"consent of somebody else": await guiding.invite(db, little, by=olli, at=at)}
    for called in ("proposal", "another proposal"):
        other = await a.an_actor(db, Role.SERVICE_MANAGER, market.procurer_id, called, at=at)
        order = ProposeManager(manager_id=other.person_id, scopes=list(Scope), until_on=until)
        found[called] = await guiding.propose(db, market.voucher_id, order, by=desk, at=at)
    other = await a.an_actor(db, Role.SERVICE_MANAGER, market.procurer_id, "Paavo", at=at)
    invited = InviteManager(manager_id=other.person_id, scopes=list(Scope), until_on=until)
    found["consent to another"] = await guiding.invite(db, invited, by=holder, at=at)
    invited = InviteManager(manager_id=manager.person_id, scopes=list(Scope), until_on=until)
    found["consent"] = await guiding.invite(db, invited, by=holder, at=at)
    owner = market.actors[Role.PROVIDER_OWNER]
    area = await people.area_of(db, market.procurer_id)
    plain = await a.an_offering(db, owner, market.service_id, [], area_codes=[area], at=at)
    order = Suggest(voucher_id=market.voucher_id, offering_id=plain)
    suggestion = await guiding.suggest(db, found["consent"], order, by=manager, at=at)
    return {"consent_id": found, "suggestion_id": {"suggestion": suggestion}}
