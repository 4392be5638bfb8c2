"""Reports in confidence among the things of a market that an address can name, and what their forms must hold."""

from datetime import datetime, timedelta
from uuid import UUID

from setori import concerns, reviews, watch
from setori.app import clock
from setori.concerns import TakeConcern, TellConcern
from setori.days import local_day
from setori.db import Database, new_id
from setori.people import Role
from setori.reviews import AnswerPulse, Complaint, ReportReview, WriteReply
from setori.watch import AskProvider, Flag, FlagKind, FlagStatus, TakeFlag
from tests.world import Market

FIGURES = ("silent", "confirmed", "waiting", "high", "others", "low", "chose", "saw", "low_saw")
"""What the sentences of these kinds count."""


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
        "POST /procurer/watch/{flag_id}/taking": {"seen_with": ""},
        "POST /procurer/watch/{flag_id}/question": {"question": "How is that?"},
        "POST /procurer/watch/{flag_id}/closing": {"outcome": "explained", "words": "A group."},
        "POST /provider/watch/{flag_id}/answer": {"answer": "It was a group."},
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
        "flag_id": await flags(db, market, at=at),
    }


async def flags(db: Database, market: Market, *, at: datetime) -> dict[str, UUID]:
    """What a night found: it waits, was taken up twice, and the firm was asked."""
    registrar, found = market.actors[Role.REGISTRAR], {}
    evidence = {"answers": 6, "usual": 0.0}
    kinds = {"flag that waits": "burst", "flag": "silence", "another flag": "parking", "question": "creaming"}
    for called, kind in kinds.items():
        flag = Flag(
            id=new_id(),
            procurer_id=market.procurer_id,
            provider_id=market.provider_id,
            kind=FlagKind(kind),
            status=FlagStatus.FOUND,
            evidence=evidence | dict.fromkeys(FIGURES, 5),
            found_on=local_day(at),
            latest=evidence,
            seen_on=local_day(at),
        )
        db.add(flag)
        found[called] = flag.id
        await db.flush()
        if called != "flag that waits":
            await watch.take(db, flag.id, TakeFlag(), by=registrar, at=at)
        if called == "question":
            await watch.ask(db, flag.id, AskProvider(question="How is that?"), by=registrar, at=at)
    return found
