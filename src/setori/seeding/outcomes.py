"""What came of the first vouchers of the sample market: claims in every state, a few of them taken back again."""

from collections.abc import Awaitable, Callable
from datetime import date, datetime, timedelta
from uuid import UUID

from setori import outcomes
from setori.days import local_day, month_of, noon
from setori.db import Database, Sessions
from setori.outcomes import (
    AskMore,
    ClaimOutcome,
    DecideClawback,
    Proof,
    ProposeClawback,
    RefuseClaim,
    SayOfClaim,
    VerifyClaim,
)
from setori.people import Actor, Role
from setori.readmodels.outcomes import Claimable, list_claimable
from setori.seeding.market import Desk, Market
from setori.vouchers import OutcomeKind

CLAIMS = 20
OF_THE_FIRST = 8
LASTED = timedelta(days=93)
"""Three months, whichever they are."""
AFTER = timedelta(days=2)
"""How soon after the first session it began."""

SHOWN_BY = (
    (OutcomeKind.JOB, Proof.DOCUMENT, "Työsopimus, näyte: Esimerkkivarasto Oy, toistaiseksi voimassa."),
    (OutcomeKind.JOB, Proof.REGISTER, "Tulorekisteri, näyte: palkka kolmelta kuukaudelta."),
    (OutcomeKind.STUDIES, Proof.DOCUMENT, "Opiskelutodistus, näyte: Esimerkkiopisto, perustutkinto."),
    (OutcomeKind.JOB, Proof.OWN_WORD, "Kertoi puhelimessa aloittaneensa kahvilassa."),
)
STATES = ("waits", "verified", "agreed", "asked", "verified", "objected", "refused", "verified", "doubted")


async def claim_outcomes(sessions: Sessions, market: Market, *, at: datetime) -> None:
    """Claim what came of vouchers whose sessions began over three months ago, in the days of this month."""
    desk = next(iter(market.desks.values()))
    async with sessions.begin() as db:
        waiting: list[tuple[Actor, Claimable]] = []
        for owner in market.owners.values():
            room = min(CLAIMS - len(waiting), CLAIMS if waiting else OF_THE_FIRST)
            if room <= 0:
                break
            found = await list_claimable(db, by=owner, on=local_day(at), limit=100)
            old = [one for one in found.items if one.first_session_on + AFTER <= _since(at)]
            # One of each firm is left for whoever looks around to claim.
            waiting.extend((owner, one) for one in old[1:][-room:])
        for number, (owner, client) in enumerate(waiting):
            await _claim(db, desk, owner, client, number, at=at)


def _since(at: datetime) -> date:
    return month_of(local_day(at)) - LASTED


async def _claim(
    db: Database, desk: Desk, owner: Actor, client: Claimable, number: int, *, at: datetime
) -> None:
    kind, proof, words = SHOWN_BY[number % len(SHOWN_BY)]
    state = STATES[number % len(STATES)]
    holder = Actor(client.person_id, Role.JOBSEEKER, None, client.client_name, "fi")
    told = max(at - timedelta(days=1 + number), min(noon(month_of(local_day(at))), at - timedelta(minutes=5)))
    by_client = number % 6 == 5
    order = ClaimOutcome(
        kind=kind,
        months=3,
        since=client.first_session_on + AFTER,
        proof=proof,
        proof_text=words,
    )
    claim_id = await outcomes.claim(db, client.voucher_id, order, by=holder if by_client else owner, at=told)
    if not by_client and state in ("agreed", "objected", "verified", "doubted"):
        agrees = state != "objected"
        said = SayOfClaim(agrees=agrees, words="" if agrees else "Työ loppui jo kahden viikon jälkeen.")
        await outcomes.say(db, claim_id, said, by=holder, at=told)
    is_agreed = number < OF_THE_FIRST + 4
    await _decide(desk, claim_id, state, is_agreed)(db, told + (at - told) / 2)


def _decide(
    desk: Desk, claim_id: UUID, state: str, is_agreed: bool
) -> Callable[[Database, datetime], Awaitable[None]]:
    """What the case worker does with a claim in the story of its state."""
    worker, approver = desk.staff[Role.CASE_WORKER][0], desk.staff[Role.APPROVER][0]

    async def decide(db: Database, at: datetime) -> None:
        if state == "asked":
            question = AskMore(question="Minkä yrityksen palveluksessa hän on?")
            await outcomes.ask(db, claim_id, question, by=worker, at=at)
        elif state == "refused":
            reason = RefuseClaim(reason="Työ kesti kuukauden, ei kolmea.")
            await outcomes.refuse(db, claim_id, reason, by=worker, at=at)
        elif state in ("verified", "doubted"):
            seen = VerifyClaim(proof=Proof.DOCUMENT, reason="Sopimus nähty.")
            await outcomes.verify(db, claim_id, seen, by=worker, at=at)
        if state == "doubted":
            doubt = ProposeClawback(reason="Yritys ei tunne häntä. Sopimus oli toisen ihmisen.")
            clawback = await outcomes.propose_clawback(db, claim_id, doubt, by=worker, at=at)
            if not is_agreed:
                yes = DecideClawback(approves=True, answer="Soitin yritykseen.")
                await outcomes.decide_clawback(db, clawback, yes, by=approver, at=at)

    return decide
