"""Vouchers of a market whose terms pay outcome fees, with sessions held long ago, and claims in every state."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import text

from setori import outcomes, people, vouchers
from setori.app import clock
from setori.days import local_day
from setori.db import new_id, wire_of
from setori.outcomes import AskMore, ClaimOutcome, ProposeClawback, VerifyClaim
from setori.people import Role
from setori.vouchers import (
    ChooseOffering,
    GiveOutcomeFee,
    IssueVoucher,
    RedeemVoucher,
    StartProgramme,
)
from tests.conftest import RealDatabase
from tests.domains import builders as a
from tests.world import Market

LONG_AGO = timedelta(days=420)
SINCE = {"is doubted": 410, "is verified": 310}
"""How many days ago what is paid for began: no month of a person is paid for twice."""
FEES = (
    GiveOutcomeFee(kind="job", months=3, fee_cents=200_00, claim_days=500),
    GiveOutcomeFee(kind="job", months=6, fee_cents=300_00, claim_days=500),
    GiveOutcomeFee(kind="studies", months=3, fee_cents=150_00, claim_days=500),
)
DOCUMENT = VerifyClaim(proof="document", reason="Seen: the contract of work.")


@dataclass(frozen=True)
class Claims:
    """What `some_claims` made."""

    programme_id: UUID
    free: dict[str, UUID]
    """Vouchers whose outcome nobody has claimed."""
    by_name: dict[str, UUID]
    clawback: UUID


def a_claim(at: datetime, **told: object) -> ClaimOutcome:
    """A job of three months and a half."""
    plain = {"kind": "job", "months": 3, "since": local_day(at) - timedelta(days=110), "proof": "document"}
    return ClaimOutcome(**(plain | {"proof_text": "A contract of work."} | told))  # type: ignore[arg-type]


async def some_claims(database: RealDatabase, market: Market, key: bytes) -> Claims:
    """Claims of the market's jobseeker and provider: asked, proposed, verified, and one to be taken back."""
    at = clock()
    then = at - LONG_AGO
    owner, holder = market.actors[Role.PROVIDER_OWNER], market.actors[Role.JOBSEEKER]
    desk, registrar = market.actors[Role.CASE_WORKER], market.actors[Role.REGISTRAR]
    async with database.sessions.begin() as db:
        query = text("select email from person where id = :id")
        email = (await (await db.connection()).execute(query, {"id": holder.person_id})).scalar_one()
        service = await a.a_service(db, "outcome-coaching", at=then)
        await a.an_approval(
            db, await a.a_rulebook(db, registrar, service, at=then), market.provider_id, at=then
        )
        area = (await people.find_organisation(db, market.procurer_id)).area_code
        offering = await a.an_offering(db, owner, service, [market.coach_id], area_codes=[area], at=then)
        start = StartProgramme(
            service_id=service,
            name={"fi": "Tulosohjelma", "en": "Outcome programme"},
            units=3,
            price_cap_cents=100_00,
            validity_days=90,
            budget_cents=20_000_00,
            outcome_fees=FEES,
        )
        programme_id = await vouchers.start_programme(db, start, by=desk, at=then)
        held = []
        for _ in range(8):
            order = IssueVoucher(programme_id=programme_id, name="Aino Virtanen", email=email)
            issued = await vouchers.issue(db, order, key=key, by=desk, at=then)
            await vouchers.claim(db, issued.claim_token, at=then)
            choice = ChooseOffering(offering_id=offering, coach_id=market.coach_id)
            await vouchers.choose(db, issued.voucher_id, choice, by=holder, at=then)
            session, wire = new_id(), await wire_of(db)
            met = RedeemVoucher(voucher_code=issued.code, service_day=local_day(then))
            await vouchers.redeem(wire, session, met, key=key, by=owner, at=then)
            await vouchers.confirm(wire, session, by=holder, at=then)
            held.append(issued.voucher_id)
        other = await a.an_actor(db, Role.CASE_WORKER, market.procurer_id, "Toinen Asiantuntija", at=then)
        told = await outcomes.claim(db, held[0], a_claim(at), by=holder, at=at)
        names = ("waits", "waits too", "is asked about", "is verified", "is doubted")
        made = {}
        for name, voucher_id in zip(names, held[1:6], strict=True):
            told_of = a_claim(at, since=local_day(at) - timedelta(days=SINCE.get(name, 210)))
            made[f"claim that {name}"] = await outcomes.claim(db, voucher_id, told_of, by=owner, at=at)
        *_, asked, verified, doubted = made.values()
        for one in (told, asked):
            await outcomes.ask(db, one, AskMore(question="Which firm is it?"), by=desk, at=at)
        for one in (verified, doubted):
            await outcomes.verify(db, one, DOCUMENT, by=desk, at=at)
        doubt = ProposeClawback(reason="The firm has never heard of it.")
        clawback = await outcomes.propose_clawback(db, doubted, doubt, by=other, at=at)
    return Claims(
        programme_id,
        {"voucher with fees": held[6], "another with fees": held[7]},
        {"claim of the client": told, **made},
        clawback,
    )


def said_of_outcomes() -> dict[str, dict[str, str]]:
    """What each form about an outcome must hold to be taken seriously."""
    told = a_claim(clock()).model_dump(exclude_none=True)
    outcome = {name: str(value) for name, value in told.items()}
    reason = {"reason": "It was not as it should have been."}
    return {
        "POST /wallet/{voucher_id}/outcome": outcome,
        "POST /provider/vouchers/{voucher_id}/outcome": outcome,
        "POST /outcomes/{claim_id}/word": {"agrees": "true"},
        "POST /outcomes/{claim_id}/answer": {"answer": "Oy Esimerkki Ab."},
        "POST /outcomes/{claim_id}/withdrawal": {},
        "POST /provider/outcomes/{claim_id}/answer": {"answer": "Oy Esimerkki Ab."},
        "POST /provider/outcomes/{claim_id}/withdrawal": {},
        "POST /procurer/outcomes/{claim_id}/verification": {"proof": "document"},
        "POST /procurer/outcomes/{claim_id}/refusal": reason,
        "POST /procurer/outcomes/{claim_id}/question": {"question": "Which firm is it?"},
        "POST /procurer/outcomes/{claim_id}/clawback": reason,
        "POST /procurer/clawbacks/{clawback_id}/decision": {"approves": "true"},
    }
