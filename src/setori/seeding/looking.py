"""What is said about what was said: a reported text, replies of firms, and what the night's look asks about."""

from datetime import datetime, timedelta

from setori import people, reviews, watch
from setori.db import Database, Sessions
from setori.people import Actor, Role
from setori.reviews import Complaint, DecideReply, ReplyDecision, ReportReview, WriteReply
from setori.seeding.market import Desk, Market
from setori.seeding.reading import read_world
from setori.watch import AnswerFlag, AskProvider, CloseFlag, FlagOutcome, TakeFlag

REPLIES = (
    "Kiitos palautteesta. Olemme sopineet, että ensimmäinen soitto tulee aina kahden päivän kuluessa.",
    "Kiitos! Välitimme tämän valmentajalle.",
    "Harmi, että aika vaihtui. Muutoksista ilmoitetaan nyt viestillä edellisenä päivänä.",
)
QUESTION = "Luvuissanne on jotain tavallisesta poikkeavaa. Mistä se johtuu?"
ANSWER = "Asiakkaamme ovat olleet ryhmässä, joka päättyi samalla viikolla."
CLOSED = "Selitys vastaa sitä, mitä näimme kalenterista."


async def talk_back(sessions: Sessions, market: Market, *, key: bytes, at: datetime) -> None:
    """Firms reply to what was said of them, the tour's own most of all, and the night's first look is taken."""
    said = 0
    async with sessions.begin() as db:
        (email,) = (one["email"] for one in read_world().personas if one["role"] == Role.PROVIDER_OWNER)
        guide = await people.find_by_email(db, email)
        for owner in sorted(market.owners.values(), key=lambda one: one.person_id != guide):
            worded = [one for one in (await reviews.list_of_provider(db, by=owner)).items if one.text]
            if len(worded) < len(REPLIES):
                continue
            for one, words in zip(worded, REPLIES if said == 0 else REPLIES[:1], strict=False):
                order = WriteReply(text=words)
                await reviews.reply(db, one.id, order, by=owner, at=at - timedelta(days=2), language="fi")
            if said == 0:
                report = ReportReview(reason=Complaint.PERSONAL_DATA, words="Nimeää toisen asiakkaan.")
                await reviews.report(db, worded[-1].id, report, by=owner, at=at - timedelta(days=1))
                # What a tablet that is passed around in a workshop leaves behind: many clients on one device.
                for one in worded:
                    tablet = {"visitor": "198.51.100.7", "browser": "a tablet"}
                    await watch.trace(db, one.id, **tablet, key=key, at=at - timedelta(days=1))
            said += 1
            if said == len(REPLIES):
                break
        for desk in market.desks.values():
            await _read(db, desk.staff[Role.REGISTRAR][0], at=at)
            await _look(db, desk, market, at=at)


async def _read(db: Database, registrar: Actor, *, at: datetime) -> None:
    """The older replies are looked at, and shown; the newest waits."""
    waiting = (await reviews.list_replies(db, by=registrar, is_open=True)).items
    for one in waiting[:-1]:
        order = DecideReply(decision=ReplyDecision.SHOWN)
        await reviews.decide_reply(db, one.id, order, by=registrar, at=at - timedelta(days=1))


async def _look(db: Database, desk: Desk, market: Market, *, at: datetime) -> None:
    """One night; of what it finds the first is asked about, the second answered, the third closed."""
    await watch.look(db, desk.id, at=at)
    registrar = desk.staff[Role.REGISTRAR][0]
    found = await watch.list_of_procurer(db, by=registrar, is_open=True)
    for number, flag in enumerate(found.items[:3]):
        owner = market.owners.get(flag.provider_id)
        if owner is None:
            continue
        await watch.take(db, flag.id, TakeFlag(), by=registrar, at=at)
        await watch.ask(db, flag.id, AskProvider(question=QUESTION), by=registrar, at=at)
        if number:
            await watch.answer(db, flag.id, AnswerFlag(answer=ANSWER), by=owner, at=at)
        if number == 2:
            order = CloseFlag(outcome=FlagOutcome.EXPLAINED, words=CLOSED)
            await watch.close(db, flag.id, order, by=registrar, at=at)
