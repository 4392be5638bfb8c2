"""Reviews: people are asked at the right time how it is, say it, and the next visitor sees it as a figure."""

from datetime import date, timedelta

import pytest
from pydantic import ValidationError
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel import col, select

from setori import catalogue, people, reviews, vouchers
from setori.db import new_id, wire_of
from setori.errors import Forbidden, Invalid, NotFound
from setori.people import Role
from setori.quality import experience as rules
from setori.reviews import AnswerPulse, NotOpen, Pulse, Stage
from setori.vouchers import ChooseOffering, GiveReason, RedeemVoucher, Redemption
from tests.domains.builders import (
    KEY,
    NOON,
    a_coach,
    a_procurer,
    a_provider,
    a_rulebook,
    a_service,
    a_session,
    an_actor,
    an_approval,
    an_offering,
)

TODAY = date(2026, 3, 2)
TAKEN_BACK = GiveReason(reason="Recorded for the wrong day")
GOOD = AnswerPulse(respect=5, plan=4, recommend=5, text="Sain uuden suunnan.")
CHECKS = (
    "check_pulses_come_from_confirmed_sessions",
    "check_answered_pulses_have_one_answer",
    "check_experience_counts_people",
)


class World:
    """An offering with a coach that can be chosen."""

    async def session(self, db, at=NOON, confirmed=True):
        redemption_id, holder = await a_session(
            db, self.procurer_id, self.registrar, self.owner, self.offering_id, self.coach_id, at=at
        )
        if confirmed:
            await vouchers.confirm(await wire_of(db), redemption_id, by=holder, at=at)
        return redemption_id, holder

    async def more(self, db, redemption_id, holder, number, at=NOON):
        """Further sessions on the voucher of this one, each confirmed."""
        wire = await wire_of(db)
        wanted = select(col(Redemption.voucher_id)).where(Redemption.id == redemption_id)
        code = vouchers.code_of((await db.exec(wanted)).one(), KEY)
        ids = [new_id() for _ in range(number)]
        for one in ids:
            order = RedeemVoucher(voucher_code=code, service_day=TODAY)
            await vouchers.redeem(wire, one, order, key=KEY, by=self.owner, at=at)
            await vouchers.confirm(wire, one, by=holder, at=at)
        return ids

    async def answer(self, db, points, *, at=NOON, words=""):
        """Somebody new meets the coach, is asked, and gives everything the same points."""
        redemption_id, holder = await self.session(db, at=at)
        pulse_id = await reviews.ask_after(db, redemption_id, at=at)
        order = AnswerPulse(recommend=points, text=words)
        await reviews.answer(db, pulse_id, order, by=holder, at=at)
        return redemption_id, holder, pulse_id

    async def figure(self, db):
        """The coach's figure as the page shows it, after nothing was found broken."""
        await db.exec(text("set constraints all immediate"))
        for view in CHECKS:
            assert (await db.exec(text(f"select count(*) from {view}"))).scalar_one() == 0, view
        page = await catalogue.find_offering(db, self.offering_id, on=TODAY)
        return page.coaches[0].experience


@pytest.fixture
async def world(db):
    it = World()
    it.procurer_id = await a_procurer(db)
    it.registrar = await an_actor(db, Role.REGISTRAR, it.procurer_id)
    it.service_id = await a_service(db)
    provider_id = await a_provider(db)
    it.owner = await an_actor(db, Role.PROVIDER_OWNER, provider_id)
    rulebook_id = await a_rulebook(db, it.registrar, it.service_id)
    await an_approval(db, rulebook_id, provider_id, starts_on=TODAY - timedelta(days=30))
    it.coach_id = await a_coach(db, provider_id)
    it.offering_id = await an_offering(db, it.owner, it.service_id, [it.coach_id])
    return it


async def test_an_answer_is_seen_by_the_next_visitor_without_its_writer(db, world):
    redemption_id, holder = await world.session(db)
    pulse_id = await reviews.ask_after(db, redemption_id, at=NOON)
    await reviews.answer(db, pulse_id, GOOD, by=holder, at=NOON)

    [seen] = (await reviews.list_of_offering(db, world.offering_id)).items
    assert (round(seen.score, 2), seen.text, seen.coach_name) == (4.67, "Sain uuden suunnan.", "Maija Mäkelä")
    assert not hasattr(seen, "person_id")
    figure = await world.figure(db)
    assert (figure.respondents, figure.invited, figure.answered) == (1, 1, 1)
    assert figure.is_early
    assert figure.shrunk > rules.Prior().mean
    assert len((await reviews.list_of_provider(db, by=world.owner)).items) == 1


async def test_the_figure_is_what_the_rules_make_of_the_answers(db, world):
    for points in (5, 4, 4, 5, 3, 2):
        await world.answer(db, points)
    figure = await world.figure(db)
    firm = rules.experience([rules.Voice(p, 1.0) for p in (5, 4, 4, 5, 3, 2)], rules.Prior())
    pair = rules.experience(
        [rules.Voice(p, 1.0) for p in (5, 4, 4, 5, 3, 2)],
        rules.Prior(firm.shrunk, firm.prior.k, firm.prior.variance),
    )
    assert figure.shrunk == pytest.approx(pair.shrunk)
    assert figure.sd == pytest.approx(pair.sd)
    assert figure.distribution == (0, 1, 1, 2, 2)
    assert not figure.is_early

    assert await reviews.list_uncounted(db, on=TODAY) == [world.service_id]
    await reviews.count_all(db, world.service_id, on=TODAY)
    assert await reviews.list_uncounted(db, on=TODAY) == []
    again = await world.figure(db)
    assert again.prior.mean > figure.prior.mean, (
        "what is expected in the service is its mean now, not the middle"
    )
    assert again.respondents == 6


async def test_a_new_offering_of_a_bad_firm_is_not_new(db, world):
    """Taking the old one down and putting up another does not wash away what clients said."""
    for _ in range(12):
        await world.answer(db, 1)
    other = await an_offering(db, world.owner, world.service_id, [world.coach_id])
    page = await catalogue.find_offering(db, other, on=TODAY)
    assert page.coaches[0].experience.respondents == 0
    assert page.coaches[0].experience.shrunk == pytest.approx(page.experience.shrunk)
    assert page.coaches[0].experience.shrunk < 2.2


async def test_an_answer_given_anew_replaces_the_earlier(db, world):
    _, holder, pulse_id = await world.answer(db, 5)
    await reviews.answer(db, pulse_id, AnswerPulse(recommend=1), by=holder, at=NOON + timedelta(days=3))
    [seen] = (await reviews.list_of_offering(db, world.offering_id)).items
    assert seen.score == 1
    assert (await world.figure(db)).distribution == (1, 0, 0, 0, 0)
    with pytest.raises(NotOpen):
        await reviews.answer(db, pulse_id, GOOD, by=holder, at=NOON + timedelta(days=31))


async def test_nobody_is_asked_before_a_session_was_confirmed(db, world):
    redemption_id, holder = await world.session(db, confirmed=False)
    assert await reviews.ask_after(db, redemption_id, at=NOON) is None
    assert await reviews.ask_due(db, at=NOON) == 0
    pulse = Pulse(
        id=new_id(),
        procurer_id=world.procurer_id,
        voucher_id=(await db.exec(select(col(Redemption.voucher_id)))).one(),
        person_id=holder.person_id,
        provider_id=world.owner.organisation_id,
        service_id=world.service_id,
        offering_id=world.offering_id,
        coach_id=world.coach_id,
        redemption_id=redemption_id,
        stage=Stage.START,
        invited_at=NOON,
    )
    db.add(pulse)
    with pytest.raises(DBAPIError, match="before a session was confirmed"):
        await db.flush()


async def test_each_stage_has_its_time_and_is_asked_once(db, world):
    """Ten sessions: asked after the first, after the fifth, and when the voucher is used up."""
    redemption_id, holder = await world.session(db)
    stages = {}
    stages[1] = await reviews.ask_due(db, at=NOON)
    for number in range(2, 11):
        await world.more(db, redemption_id, holder, 1)
        stages[number] = await reviews.ask_due(db, at=NOON)
        stages[number] += await reviews.ask_due(db, at=NOON)
    assert stages == {n: int(n in (1, 5, 10)) for n in range(1, 11)}
    asked = (await db.exec(select(Pulse).order_by(col(Pulse.id)))).all()
    for one in asked:
        await db.refresh(one)
    assert {one.stage: one.closed_at is None for one in asked} == {
        Stage.START: False,
        Stage.MIDDLE: False,
        Stage.END: True,
    }, "what was asked earlier and has no answer gives way"
    [waiting] = await reviews.list_waiting(db, by=holder, at=NOON)
    assert waiting.stage is Stage.END
    start = next(one for one in asked if one.stage is Stage.START)
    with pytest.raises(NotOpen):
        await reviews.answer(db, start.id, GOOD, by=holder, at=NOON)


async def test_whoever_goes_to_another_is_asked_how_it_was(db, world):
    redemption_id, holder = await world.session(db)
    await world.more(db, redemption_id, holder, 1)
    assert await reviews.ask_due(db, at=NOON) == 1
    other = await an_offering(
        db, world.owner, world.service_id, [await a_coach(db, world.owner.organisation_id)]
    )
    [coach] = (await catalogue.find_offering(db, other, on=TODAY)).coaches
    voucher_id = (await db.exec(select(col(Redemption.voucher_id)).distinct())).one()
    choice = ChooseOffering(offering_id=other, coach_id=coach.id)
    await vouchers.choose(db, voucher_id, choice, by=holder, at=NOON)
    assert await reviews.ask_due(db, at=NOON) == 1
    [waiting] = await reviews.list_waiting(db, by=holder, at=NOON)
    assert (waiting.stage, waiting.coach_id) == (Stage.END, world.coach_id)


async def test_the_letter_is_answered_without_signing_in_and_only_with_its_code(db, world):
    _, holder = await world.session(db)
    assert await reviews.ask_due(db, at=NOON) == 1
    letters = [mail for mail in (await people.list_outbox(db)).items if mail.kind == "pulse_asked"]
    [letter] = letters
    assert letter.name == "Aino Virtanen"
    await reviews.answer(db, letter.params["code"], GOOD, by=None, at=NOON)
    assert (await world.figure(db)).respondents == 1
    assert await reviews.list_waiting(db, by=holder, at=NOON) == []
    for wrong in ("", "x", letter.params["code"] + "x", "\ud800"):
        with pytest.raises(NotFound):
            await reviews.answer(db, wrong, GOOD, by=None, at=NOON)


async def test_who_says_nothing_is_asked_once_more_and_never_again(db, world):
    await world.session(db)
    await reviews.ask_due(db, at=NOON)
    assert await reviews.remind(db, at=NOON + timedelta(days=4)) == 0
    assert await reviews.remind(db, at=NOON + timedelta(days=5)) == 1
    assert await reviews.remind(db, at=NOON + timedelta(days=9)) == 0
    assert len([mail for mail in (await people.list_outbox(db)).items if mail.kind == "pulse_again"]) == 1


async def test_only_whom_it_was_asked_answers(db, world):
    redemption_id, _ = await world.session(db)
    pulse_id = await reviews.ask_after(db, redemption_id, at=NOON)
    stranger = await an_actor(db, Role.JOBSEEKER)
    for other in (stranger, world.owner, None):
        with pytest.raises(NotFound):
            await reviews.answer(db, pulse_id, GOOD, by=other, at=NOON)
        with pytest.raises(NotFound):
            await reviews.find_pulse(db, pulse_id, by=other, at=NOON)
    with pytest.raises(Forbidden):
        await reviews.list_waiting(db, by=world.owner, at=NOON)


@pytest.mark.parametrize("points", [0, 6, -1])
def test_an_item_is_from_one_to_five(points):
    with pytest.raises(ValidationError):
        AnswerPulse(plan=points)


async def test_something_must_be_said(db, world):
    redemption_id, holder = await world.session(db)
    pulse_id = await reviews.ask_after(db, redemption_id, at=NOON)
    with pytest.raises(Invalid) as refused:
        await reviews.answer(db, pulse_id, AnswerPulse(text="Kiva"), by=holder, at=NOON)
    assert "respect" in refused.value.errors


async def test_the_newest_comes_first_page_by_page(db, world):
    for minutes in range(5):
        at = NOON + timedelta(minutes=minutes)
        await world.answer(db, minutes % 5 + 1, at=at, words=str(minutes))
    seen, after = [], None
    while True:
        page = await reviews.list_of_offering(db, world.offering_id, after=after, limit=2)
        seen += [review.text for review in page.items]
        after = page.next
        if after is None:
            break
    assert seen == ["4", "3", "2", "1", "0"]


async def test_one_person_is_one_voice_however_often_they_meet(db, world):
    """Recorded, praised and taken back again and again, the same person is not four happy people."""
    redemption_id, holder, _ = await world.answer(db, 5)
    for turn in range(1, 9):
        await world.more(db, redemption_id, holder, 1)
        await reviews.ask_due(db, at=NOON + timedelta(minutes=turn))
        for pulse in await reviews.list_waiting(db, by=holder, at=NOON + timedelta(minutes=turn)):
            at = NOON + timedelta(minutes=turn)
            await reviews.answer(db, pulse.id, AnswerPulse(recommend=4), by=holder, at=at)
    figure = await world.figure(db)
    assert figure.respondents == 1
    assert figure.answered == 2, "the start, and midway"


async def test_taking_a_session_back_does_not_buy_a_bad_word_away(db, world):
    redemption_id, _, _ = await world.answer(db, 1)
    await world.answer(db, 5)
    await vouchers.reverse(await wire_of(db), redemption_id, TAKEN_BACK, by=world.owner, at=NOON)
    assert (await world.figure(db)).distribution == (1, 0, 0, 0, 1)
    await reviews.recount(db, world.owner.organisation_id, world.service_id, on=TODAY)
    assert (await world.figure(db)).distribution == (1, 0, 0, 0, 1)


async def test_what_was_said_cannot_be_changed_or_deleted(db, world):
    await world.answer(db, 1)
    for forbidden in ("update review set score = 5", "update pulse set stage = 'end'", "delete from review"):
        with pytest.raises(DBAPIError):
            async with db.begin_nested():
                await db.exec(text(forbidden))
