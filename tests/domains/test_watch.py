"""The nightly look finds what is odd in real rows, once, and only at the firm where it is; traces go in time."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from setori import people, reviews, showings, vouchers, watch
from setori.days import local_day
from setori.db import new_id, wire_of
from setori.errors import Forbidden, NotFound
from setori.people import Actor, Role
from setori.reviews import AnswerPulse
from setori.vouchers import ChooseOffering, IssueVoucher, RedeemVoucher, StartProgramme
from setori.watch import AnswerFlag, AskProvider, CloseFlag, FlagKind, TakeFlag
from tests.domains import builders as a
from tests.domains.builders import KEY, NOON

DAY = timedelta(days=1)
TAKE, ASK, ANSWER = TakeFlag(), AskProvider(question="How is that?"), AnswerFlag(answer="A group.")
EXPLAINED = CloseFlag(outcome="explained", words="It was a group.")
BREACH = CloseFlag(outcome="breach", words="It was none.")


@pytest.fixture
async def scene(db):
    """Two firms for one service."""
    scene = type("Scene", (), {})()
    scene.procurer = await a.a_procurer(db)
    scene.registrar = await a.an_actor(db, Role.REGISTRAR, scene.procurer)
    service = scene.service = await a.a_service(db)
    rulebook = await a.a_rulebook(db, scene.registrar, service, at=NOON - 200 * DAY)
    scene.firms, scene.owners, scene.given = [], [], []
    for name in ("Aalto Oy", "Berg Oy"):
        firm = await a.a_provider(db, name)
        owner = await a.an_actor(db, Role.PROVIDER_OWNER, firm)
        await a.an_approval(db, rulebook, firm, starts_on=local_day(NOON - 200 * DAY))
        coach = await a.a_coach(db, firm)
        offering = await a.an_offering(db, owner, service, [coach])
        scene.firms.append(firm)
        scene.owners.append(owner)
        scene.given.append((scene.procurer, scene.registrar, owner, offering, coach))
    return scene


async def sessions(db, scene, number, *, firm=0, at=NOON):
    """Confirmed sessions of as many new people."""
    held = [await a.a_session(db, *scene.given[firm], at=at) for _ in range(number)]
    for redemption_id, holder in held:
        await vouchers.confirm(await wire_of(db), redemption_id, by=holder, at=at)
    return held


async def answers(db, scene, number, *, firm=0, at=NOON, visitor="192.0.2.1", browser="a phone"):
    """As many people answer; `visitor` may be different for each of them."""
    for each, (redemption_id, holder) in enumerate(await sessions(db, scene, number, firm=firm, at=at)):
        pulse = await reviews.ask_after(db, redemption_id, at=at)
        said = await reviews.answer(db, pulse, AnswerPulse(recommend=5), by=holder, at=at)
        address = visitor.format(each)
        await watch.trace(db, said, visitor=address, browser=browser, key=KEY, at=at)


async def found(db, scene, at=NOON):
    """What the look of this moment leaves open: by firm and kind."""
    await watch.look(db, scene.procurer, at=at)
    listed = await watch.list_of_procurer(db, by=scene.registrar, is_open=True)
    return {(flag.provider_name, flag.kind): flag for flag in listed.items}


async def test_answers_from_one_device_are_found_and_no_address_is_kept(db, scene):
    await answers(db, scene, 5, visitor="192.0.2.1")
    await answers(db, scene, 3, firm=1, visitor="198.51.100.{}")
    flags = await found(db, scene)
    assert flags.keys() == {("Aalto Oy", FlagKind.SAME_DEVICE)}, "and not for their network once more"
    assert flags["Aalto Oy", FlagKind.SAME_DEVICE].evidence == {"people": 5, "known": 5}
    kept = (await db.exec(text("select device, network from review_trace"))).all()
    assert len({bytes(row[0]) for row in kept}) == 4
    assert not [row for row in kept if b"192" in bytes(row[0]) + bytes(row[1])]


async def test_another_browser_is_another_device_in_the_same_network(db, scene):
    for number in range(5):
        await answers(db, scene, 1, visitor="2001:db8::5", browser=f"phone {number}")
    assert (await found(db, scene)).keys() == {("Aalto Oy", FlagKind.SAME_NETWORK)}


async def test_an_ipv6_network_is_its_first_half_and_this_machine_is_none(db, scene):
    for number in range(3):
        await answers(db, scene, 1, visitor=f"2001:db8::{number}")
    await answers(db, scene, 2, visitor="127.0.0.1")
    await answers(db, scene, 1, visitor="")
    rows = (await db.exec(text("select count(*), count(distinct network) from review_trace"))).one()
    assert tuple(rows) == (3, 1)


async def test_six_answers_in_a_day_are_found_once_and_again_only_after_a_time(db, scene):
    await answers(db, scene, 6, visitor="192.0.2.{}", browser="p")
    kind = ("Aalto Oy", FlagKind.BURST)
    first = (await found(db, scene))[kind]
    assert first.evidence == {"answers": 6, "usual": 0.0}
    assert await watch.look(db, scene.procurer, at=NOON) == 0, "once a day"
    await answers(db, scene, 1, at=NOON + DAY, visitor="192.0.2.9{}")
    again = (await found(db, scene, NOON + DAY))[kind]
    assert (again.id, again.evidence, again.latest["answers"]) == (first.id, first.evidence, 7)
    assert again.seen_on == local_day(NOON + DAY)
    await watch.take(db, first.id, TAKE, by=scene.registrar, at=NOON)
    await watch.close(db, first.id, EXPLAINED, by=scene.registrar, at=NOON + DAY)
    assert kind not in await found(db, scene, NOON + 2 * DAY), "it was closed yesterday"
    assert kind not in await found(db, scene, NOON + 70 * DAY), "and the month is over"
    await answers(db, scene, 6, at=NOON + 75 * DAY, visitor="192.0.2.7{}")
    assert (await found(db, scene, NOON + 76 * DAY))[kind].id != first.id


async def test_what_is_seen_in_the_sessions(db, scene):
    """Silence, odd hours, and lengths to the minute: at the one firm, while the other's are as they come."""
    for number in range(15):
        for firm in (0, 1):
            at = NOON - (number + 1) * DAY
            _, holder = await a.a_session(db, *scene.given[firm], at=at)
            code = await _code(db, holder)
            redemption = new_id()
            held = RedeemVoucher(
                voucher_code=code,
                service_day=local_day(at),
                begins="22:10" if firm == 0 else "10:10",
                minutes=60 if firm == 0 else 40 + number,
            )
            await vouchers.redeem(
                await wire_of(db), redemption, held, key=KEY, by=scene.owners[firm], at=at + DAY / 2
            )
            await vouchers.confirm(await wire_of(db), redemption, by=holder, at=at + DAY / 2)
    flags = await found(db, scene)
    assert flags.keys() == {("Aalto Oy", FlagKind.SAME_LENGTH), ("Aalto Oy", FlagKind.ODD_HOURS)}
    assert flags["Aalto Oy", FlagKind.ODD_HOURS].evidence == {"clocked": 15, "odd": 15}


async def test_who_came_and_who_waits_is_found(db, scene):
    """Both firms are shown to all; one gets those with little need, and the other lets those with much need wait."""
    at, desk = NOON - 50 * DAY, await a.an_actor(db, Role.CASE_WORKER, scene.procurer)
    start = StartProgramme(
        service_id=scene.service,
        name={"fi": "Valmennus"},
        units=10,
        price_cap_cents=100_00,
        validity_days=300,
        budget_cents=50_000_00,
    )
    programme = await vouchers.start_programme(db, start, by=desk, at=at)
    pairs = [given[3:] for given in scene.given]
    for number in range(40):
        firm = number % 2
        order = IssueVoucher(
            programme_id=programme,
            name="Aino Virtanen",
            email=f"seen{number}@example.fi",
            support_need="high" if firm else "low",
        )
        issued = await vouchers.issue(db, order, key=KEY, by=desk, at=at)
        holder = Actor(issued.person_id, Role.JOBSEEKER, None, "Aino Virtanen", "fi")
        await vouchers.claim(db, issued.claim_token, at=at)
        await showings.note(db, pairs, by=holder, seed="s", day=local_day(at), at=at)
        choice = ChooseOffering(offering_id=pairs[firm][0], coach_id=pairs[firm][1])
        await vouchers.choose(db, issued.voucher_id, choice, by=holder, at=at)
        if number < 10:
            held = RedeemVoucher(voucher_code=issued.code, service_day=local_day(NOON - 3 * DAY))
            by = scene.owners[firm]
            await vouchers.redeem(await wire_of(db), new_id(), held, key=KEY, by=by, at=NOON - 3 * DAY)
    flags = await found(db, scene)
    assert flags.keys() == {("Aalto Oy", FlagKind.CREAMING), ("Berg Oy", FlagKind.PARKING)}
    assert flags["Aalto Oy", FlagKind.CREAMING].evidence == {
        "chose": 20,
        "low": 100,
        "saw": 40,
        "low_saw": 50,
    }
    assert flags["Berg Oy", FlagKind.PARKING].evidence == {"high": 20, "waiting": 15, "others": 0}


async def _code(db, holder):
    rows = await db.exec(
        text("select id from voucher where person_id = :id"), params={"id": holder.person_id}
    )
    return vouchers.code_of(rows.scalar_one(), key=KEY)


async def test_the_questions_are_asked_answered_and_closed_with_both_sides_heard(db, scene):
    await answers(db, scene, 6, visitor="192.0.2.{}")
    flag = (await found(db, scene))["Aalto Oy", FlagKind.BURST]
    mine, theirs = scene.owners
    with pytest.raises(NotFound):
        await watch.find(db, flag.id, by=mine)
    with pytest.raises(watch.NotYourFlag):
        await watch.ask(db, flag.id, ASK, by=scene.registrar, at=NOON)
    await watch.take(db, flag.id, TAKE, by=scene.registrar, at=NOON)
    with pytest.raises(watch.NotHeardYet):
        await watch.close(db, flag.id, BREACH, by=scene.registrar, at=NOON)
    with pytest.raises(NotFound):
        await watch.answer(db, flag.id, ANSWER, by=mine, at=NOON)
    await watch.ask(db, flag.id, ASK, by=scene.registrar, at=NOON)
    with pytest.raises(watch.NotHeardYet):
        await watch.close(db, flag.id, BREACH, by=scene.registrar, at=NOON + 14 * DAY)
    with pytest.raises(NotFound):
        await watch.answer(db, flag.id, ANSWER, by=theirs, at=NOON)
    with pytest.raises(Forbidden):
        await watch.answer(db, flag.id, ANSWER, by=scene.registrar, at=NOON)
    await watch.answer(db, flag.id, ANSWER, by=mine, at=NOON)
    with pytest.raises(watch.FlagMoved):
        await watch.answer(db, flag.id, ANSWER, by=mine, at=NOON)
    await watch.close(db, flag.id, BREACH, by=scene.registrar, at=NOON)
    seen = await watch.find(db, flag.id, by=mine)
    assert (seen.question, seen.answer, seen.outcome) == ("How is that?", "A group.", "breach")
    letters = [mail.kind for mail in (await people.list_outbox(db)).items if mail.kind.startswith("flag")]
    assert sorted(letters) == ["flag_answered", "flag_asked", "flag_closed", "flags_raised"]


async def test_a_firm_that_lets_its_time_pass_may_be_told_of_a_breach(db, scene):
    await answers(db, scene, 6, visitor="192.0.2.{}")
    flag = (await found(db, scene))["Aalto Oy", FlagKind.BURST]
    await watch.take(db, flag.id, TAKE, by=scene.registrar, at=NOON)
    await watch.ask(db, flag.id, ASK, by=scene.registrar, at=NOON)
    await watch.close(db, flag.id, BREACH, by=scene.registrar, at=NOON + 15 * DAY)
    with pytest.raises(watch.FlagMoved):
        await watch.answer(db, flag.id, ANSWER, by=scene.owners[0], at=NOON + 16 * DAY)


async def test_nobody_else_reads_a_flag(db, scene):
    await answers(db, scene, 6, visitor="192.0.2.{}")
    flag = (await found(db, scene))["Aalto Oy", FlagKind.BURST]
    elsewhere = await a.a_procurer(db, "0022", "Varsinais-Suomi")
    for role, organisation in ((Role.REGISTRAR, elsewhere), (Role.PROVIDER_OWNER, scene.firms[1])):
        other = await a.an_actor(db, role, organisation)
        with pytest.raises(NotFound):
            await watch.find(db, flag.id, by=other)
    for role in (Role.CASE_WORKER, Role.FINANCE):
        other = await a.an_actor(db, role, scene.procurer)
        with pytest.raises(Forbidden):
            await watch.list_of_procurer(db, by=other, is_open=True)
        with pytest.raises(Forbidden):
            await watch.take(db, flag.id, TAKE, by=other, at=NOON)


async def test_traces_are_erased_after_ninety_days(db, scene):
    await answers(db, scene, 2, visitor="192.0.2.{}")
    assert await watch.erase_traces(db, at=NOON + 89 * DAY) == 0
    assert await watch.erase_traces(db, at=NOON + 90 * DAY) == 2


async def test_every_procurer_is_looked_at_once_a_day(db, scene):
    today = local_day(NOON)
    assert await watch.list_due(db, on=today) == [], "nobody has chosen anybody there"
    await sessions(db, scene, 1)
    assert await watch.list_due(db, on=today) == [scene.procurer]
    await watch.look(db, scene.procurer, at=NOON)
    assert await watch.list_due(db, on=today) == []
    assert await watch.list_due(db, on=today + DAY) == [scene.procurer]
