"""Reports in confidence among the things of a market that an address can name, and what their forms must hold."""

from datetime import datetime, timedelta
from uuid import UUID

from setori import concerns, reviews
from setori.app import clock
from setori.concerns import TakeConcern, TellConcern
from setori.db import Database, new_id
from setori.people import Role
from setori.reviews import AnswerPulse, Complaint, ReportReview, WriteReply
from tests.world import Market


def told_of_concerns() -> dict[str, dict[str, object]]:
    """What each form about reports must hold to be taken seriously."""
    return {
        "POST /wallet/concerns/{concern_id}/words": {"words": "And more."},
        "POST /safeguarding/{concern_id}/taking": {"seen_with": ""},
        "POST /safeguarding/{concern_id}/answer": {"words": "We call you."},
        "POST /reviews/{review_id}/report": {"reason": "insult"},
        "POST /procurer/reviews/{report_id}/showing": {},
        "POST /procurer/reviews/{report_id}/decision": {"decision": "kept"},
        "POST /provider/reviews/{review_id}/reply": {"text": "Thank you."},
        "POST /procurer/replies/{reply_id}/decision": {"decision": "shown"},
        "POST /safeguarding/{concern_id}/closing": {"done": "Spoke with both.", "answer": "It is done."},
    }


async def concern_things(db: Database, market: Market) -> dict[str, dict[str, UUID]]:
    """One that waits, and two that are handled."""
    at, found = clock() - timedelta(hours=1), {}
    reader, holder = market.actors[Role.SAFEGUARDING], market.actors[Role.JOBSEEKER]
    for called in ("report that waits", "report", "another report"):
        order = TellConcern(id=new_id(), voucher_id=market.voucher_id, words="It happened.")
        found[called] = await concerns.tell(db, order, by=holder, at=at)
        if called != "report that waits":
            await concerns.take(db, order.id, TakeConcern(), by=reader, at=at)
    return {"concern_id": found}


async def reported_things(
    db: Database, market: Market, session_id: UUID, *, at: datetime
) -> dict[str, dict[str, UUID]]:
    """A question, the answer to it with words, and the firm's report of these."""
    holder = market.actors[Role.JOBSEEKER]
    pulse_id = await reviews.ask_after(db, session_id, at=at)
    assert pulse_id
    said = AnswerPulse(recommend=2, text="Words.")
    review_id = await reviews.answer(db, pulse_id, said, by=holder, at=at)
    owner, order = market.actors[Role.PROVIDER_OWNER], ReportReview(reason=Complaint.INSULT)
    await reviews.report(db, review_id, order, by=owner, at=at)
    listed = await reviews.list_reports(db, by=market.actors[Role.REGISTRAR], is_open=True)
    reply_id = await reviews.reply(db, review_id, WriteReply(text="Thanks."), by=owner, at=at, language="en")
    return {
        "pulse_id": {"pulse": pulse_id},
        "review_id": {"review": review_id},
        "report_id": {"reported words": listed.items[0].id},
        "reply_id": {"reply": reply_id},
    }
