"""Consortia: firms are invited, say yes themselves, and are decided on; who delivers when, and within which cap."""

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from setori import catalogue, facts, people, registry, vouchers
from setori.days import local_day
from setori.db import wire_of
from setori.errors import Forbidden, Invalid, NotFound
from setori.people import Role
from setori.readmodels import consortia, provider_desk
from setori.registry import (
    AlreadyNamed,
    AnswerInvitation,
    CapPassed,
    ChangeClosed,
    CriterionKind,
    DecideApplication,
    DecideChange,
    DraftCriterion,
    DraftRulebook,
    HasLeft,
    InvitePartner,
    LeaveConsortium,
    NoConsortia,
    PartnerTerms,
    RemovePartner,
    StillInvited,
)
from tests.domains import builders as a
from tests.domains.builders import NOON

TODAY = local_day(NOON)
YES, NO = AnswerInvitation(answer="yes"), AnswerInvitation(answer="no")
APPROVE = DecideChange(outcome="approved")


class Scene:
    """A procurer whose rulebook allows consortia with at most 40 % subcontracted, and a lead firm approved there."""

    def __init__(self, **told) -> None:
        self.__dict__ |= told


@pytest.fixture
async def scene(db):
    return await a_scene(db)


async def a_scene(db, cap=40, allows=True):
    procurer = await a.a_procurer(db)
    registrar = await a.an_actor(db, Role.REGISTRAR, procurer)
    service = await a.a_service(db)
    criterion = DraftCriterion(code="D1", kind=CriterionKind.DECLARATION, text={"fi": "Vakuutus"})
    order = DraftRulebook(
        service_id=service,
        title={"fi": "Sääntökirja"},
        criteria=[criterion],
        allows_consortia=allows,
        subcontract_cap=cap,
    )
    rulebook = await registry.draft_rulebook(db, order, by=registrar, at=NOON)
    await registry.publish_rulebook(db, rulebook, by=registrar, at=NOON)
    lead = await a.a_provider(db, "Johtaja Oy")
    owner = await a.an_actor(db, Role.PROVIDER_OWNER, lead)
    approval = await a.an_approval(db, rulebook, lead)
    return Scene(
        procurer=procurer,
        registrar=registrar,
        service=service,
        rulebook=rulebook,
        lead=lead,
        owner=owner,
        approval=approval,
    )


async def a_firm(db, name="Apuri Oy"):
    """A firm with its owner and its Business ID."""
    firm = await a.a_provider(db, name)
    owner = await a.an_actor(db, Role.PROVIDER_OWNER, firm)
    return owner, (await people.find_organisation(db, firm)).business_id


def asks(business_id, share=0, **told):
    part = "subcontractor" if share else "member"
    return InvitePartner(
        business_id=business_id,
        share_percent=share,
        **({"part": part, "task": "delivers_coaching"} | told),
    )


async def a_partner(db, scene, share=0, at=NOON, name="Apuri Oy"):
    """A firm that has said yes and been approved; its owner, and the partner's id."""
    firm, number = await a_firm(db, name)
    change = await registry.invite_to_approval(db, scene.approval, asks(number, share), by=scene.owner, at=at)
    await registry.answer_invitation(db, change, YES, by=firm, at=at)
    await registry.decide_change(db, change, APPROVE, by=scene.registrar, at=at)
    return firm, await partner_of(db, scene.approval, firm)


async def partner_of(db, approval, firm):
    rows = await partners(db, approval)
    return [id for id, firm_id, *_ in rows if firm_id == firm.organisation_id][-1]


async def partners(db, approval):
    """(id, firm, part, share, first day, first day after) as they joined."""
    found = await (await db.connection()).execute(
        text(
            "select id, firm_id, part, share_percent, lower(during), upper(during) from partner"
            " where approval_id = :approval order by lower(during), id"
        ),
        {"approval": approval},
    )
    return [tuple(row) for row in found]


async def told(db, actor):
    return [mail.kind for mail in (await people.list_outbox(db, person_id=actor.person_id)).items]


async def test_a_firm_joins_when_it_has_said_yes_and_the_registrar_has_decided(db, scene):
    firm, number = await a_firm(db)
    change = await registry.invite_to_approval(db, scene.approval, asks(number, 30), by=scene.owner, at=NOON)
    assert await told(db, firm) == ["partner_join_asked"]
    with pytest.raises(ChangeClosed):
        await registry.decide_change(db, change, APPROVE, by=scene.registrar, at=NOON)
    await registry.answer_invitation(db, change, YES, by=firm, at=NOON)
    assert await partners(db, scene.approval) == []
    assert "partner_change_waits" in await told(db, scene.registrar)
    begins = await registry.decide_change(db, change, APPROVE, by=scene.registrar, at=NOON)
    assert begins == TODAY
    ((_, who, part, share, since, until),) = await partners(db, scene.approval)
    assert (who, part, share, since, until) == (firm.organisation_id, "subcontractor", 30, TODAY, None)
    assert "partner_change_decided" in await told(db, firm)
    assert "partner_change_decided" in await told(db, scene.owner)


async def test_nobody_says_yes_for_another_firm(db, scene):
    _, number = await a_firm(db)
    change = await registry.invite_to_approval(db, scene.approval, asks(number), by=scene.owner, at=NOON)
    stranger, _ = await a_firm(db, "Vieras Oy")
    for who in (scene.owner, stranger):
        with pytest.raises(NotFound):
            await registry.answer_invitation(db, change, YES, by=who, at=NOON)
    with pytest.raises(Forbidden):
        await registry.answer_invitation(db, change, YES, by=scene.registrar, at=NOON)


async def test_a_rulebook_may_allow_no_consortia_and_caps_the_subcontractors(db):
    closed = await a_scene(db, allows=False)
    _, number = await a_firm(db)
    with pytest.raises(NoConsortia):
        await registry.invite_to_approval(db, closed.approval, asks(number), by=closed.owner, at=NOON)


async def test_a_share_above_the_cap_is_not_even_asked_for(db, scene):
    _, number = await a_firm(db)
    with pytest.raises(CapPassed, match=r"41 %.*40 %"):
        await registry.invite_to_approval(db, scene.approval, asks(number, 41), by=scene.owner, at=NOON)
    wrong, nobody = asks(number, 0, part="subcontractor"), asks(a.a_business_id())
    with pytest.raises(Invalid):
        await registry.invite_to_approval(db, scene.approval, wrong, by=scene.owner, at=NOON)
    with pytest.raises(Invalid):
        await registry.invite_to_approval(db, scene.approval, nobody, by=scene.owner, at=NOON)


async def test_two_that_pass_the_cap_together_are_not_both_approved(db, scene):
    await a_partner(db, scene, 25)
    firm, number = await a_firm(db, "Toinen Oy")
    change = await registry.invite_to_approval(db, scene.approval, asks(number, 16), by=scene.owner, at=NOON)
    await registry.answer_invitation(db, change, YES, by=firm, at=NOON)
    with pytest.raises(CapPassed):
        await registry.decide_change(db, change, APPROVE, by=scene.registrar, at=NOON)


async def test_a_firm_named_once_is_not_named_again(db, scene):
    _, number = await a_firm(db)
    await registry.invite_to_approval(db, scene.approval, asks(number), by=scene.owner, at=NOON)
    with pytest.raises(AlreadyNamed):
        await registry.invite_to_approval(db, scene.approval, asks(number, 10), by=scene.owner, at=NOON)


async def test_who_takes_an_anothers_place_begins_the_day_after(db, scene):
    _, partner = await a_partner(db, scene, 30)
    leaves = await registry.ask_to_remove(
        db, partner, RemovePartner(reason="We part as friends."), by=scene.owner, at=NOON
    )
    last = await registry.decide_change(db, leaves, APPROVE, by=scene.registrar, at=NOON)
    assert last == TODAY + timedelta(days=1)
    firm, number = await a_firm(db, "Toinen Oy")
    change = await registry.invite_to_approval(db, scene.approval, asks(number, 35), by=scene.owner, at=NOON)
    await registry.answer_invitation(db, change, YES, by=firm, at=NOON)
    assert await registry.decide_change(db, change, APPROVE, by=scene.registrar, at=NOON) == last
    assert [row[3:] for row in await partners(db, scene.approval)] == [(30, TODAY, last), (35, last, None)]


async def test_another_share_needs_the_firms_yes_and_leaves_the_history(db, scene):
    firm, partner = await a_partner(db, scene, 10)
    terms = PartnerTerms(part="subcontractor", task="delivers_training", share_percent=40)
    change = await registry.ask_to_alter(db, partner, terms, by=scene.owner, at=NOON)
    await registry.answer_invitation(db, change, YES, by=firm, at=NOON)
    begins = await registry.decide_change(db, change, APPROVE, by=scene.registrar, at=NOON)
    assert [row[3:] for row in await partners(db, scene.approval)] == [
        (10, TODAY, begins),
        (40, begins, None),
    ]


async def test_a_change_is_refused_with_a_reason_and_nothing_changes(db, scene):
    firm, number = await a_firm(db)
    change = await registry.invite_to_approval(db, scene.approval, asks(number), by=scene.owner, at=NOON)
    await registry.answer_invitation(db, change, YES, by=firm, at=NOON)
    with pytest.raises(Invalid):
        await registry.decide_change(db, change, DecideChange(outcome="refused"), by=scene.registrar, at=NOON)
    told_why = DecideChange(outcome="refused", reason="The firm has no coaches.")
    await registry.decide_change(db, change, told_why, by=scene.registrar, at=NOON)
    assert await partners(db, scene.approval) == []
    with pytest.raises(ChangeClosed):
        await registry.decide_change(db, change, APPROVE, by=scene.registrar, at=NOON)


async def test_what_was_applied_for_is_taken_back_and_a_yes_too(db, scene):
    firm, number = await a_firm(db)
    change = await registry.invite_to_approval(db, scene.approval, asks(number), by=scene.owner, at=NOON)
    await registry.answer_invitation(db, change, YES, by=firm, at=NOON)
    await registry.answer_invitation(db, change, NO, by=firm, at=NOON)
    with pytest.raises(ChangeClosed):
        await registry.decide_change(db, change, APPROVE, by=scene.registrar, at=NOON)
    again = await registry.invite_to_approval(db, scene.approval, asks(number), by=scene.owner, at=NOON)
    await registry.take_back_change(db, again, by=scene.owner, at=NOON)
    with pytest.raises(ChangeClosed):
        await registry.answer_invitation(db, again, YES, by=firm, at=NOON)


async def test_a_firm_leaves_by_its_own_notice_and_the_others_are_told(db, scene):
    firm, partner = await a_partner(db, scene, 20)
    last = TODAY + timedelta(days=30)
    late = LeaveConsortium(last_on=TODAY + timedelta(days=91), reason="Too busy.")
    with pytest.raises(Invalid):
        await registry.leave(db, partner, late, by=firm, at=NOON)
    order = LeaveConsortium(last_on=last, reason="Our coaches are too few.")
    with pytest.raises(NotFound):
        await registry.leave(db, partner, order, by=scene.owner, at=NOON)
    await registry.leave(db, partner, order, by=firm, at=NOON)
    assert (await partners(db, scene.approval))[0][5] == last + timedelta(days=1)
    assert "partner_left" in await told(db, scene.owner)
    assert "partner_left_desk" in await told(db, scene.registrar)
    with pytest.raises(HasLeft):
        await registry.leave(db, partner, order, by=firm, at=NOON)


async def an_open_application(db, scene):
    """Another lead firm's application that is not sent yet, and the firm's owner."""
    lead = await a.a_provider(db, "Hakija Oy")
    owner = await a.an_actor(db, Role.PROVIDER_OWNER, lead)
    application = await registry.start_application(db, scene.rulebook, by=owner, at=NOON)
    answers = registry.AnswerCriteria(answers={"D1": "yes"})
    await registry.answer(db, application, answers, by=owner, at=NOON)
    return application, owner


async def test_an_application_waits_for_its_firms_and_its_approval_begins_with_them(db, scene):
    application, owner = await an_open_application(db, scene)
    firm, number = await a_firm(db)
    change = await registry.invite_to_application(db, application, asks(number, 40), by=owner, at=NOON)
    with pytest.raises(StillInvited):
        await registry.submit(db, application, by=owner, at=NOON)
    await registry.answer_invitation(db, change, YES, by=firm, at=NOON)
    await registry.submit(db, application, by=owner, at=NOON)
    decision = DecideApplication(outcome="approved", reason="All is well.")
    approval = await registry.decide(db, application, decision, by=scene.registrar, at=NOON)
    ((_, who, _, share, since, _),) = await partners(db, approval)
    assert (who, share, since) == (firm.organisation_id, 40, TODAY)


async def test_those_who_say_yes_to_an_application_keep_the_cap_together(db, scene):
    application, owner = await an_open_application(db, scene)
    asked = []
    for name in ("Yksi Oy", "Kaksi Oy"):
        firm, number = await a_firm(db, name)
        order = asks(number, 30)
        asked.append((firm, await registry.invite_to_application(db, application, order, by=owner, at=NOON)))
    (first, one), (second, two) = asked
    await registry.answer_invitation(db, one, YES, by=first, at=NOON)
    with pytest.raises(CapPassed, match=r"60 %.*40 %"):
        await registry.answer_invitation(db, two, YES, by=second, at=NOON)


async def test_a_rejected_or_withdrawn_application_lets_its_firms_go(db, scene):
    application, owner = await an_open_application(db, scene)
    firm, number = await a_firm(db)
    change = await registry.invite_to_application(db, application, asks(number), by=owner, at=NOON)
    await registry.withdraw(db, application, by=owner, at=NOON)
    with pytest.raises(ChangeClosed):
        await registry.answer_invitation(db, change, YES, by=firm, at=NOON)


async def test_an_offering_names_who_delivers_and_is_chosen_only_while_it_may(db, scene):
    firm, partner = await a_partner(db, scene, 20)
    coach = await a.a_coach(db, firm.organisation_id)
    with pytest.raises(Invalid):
        await a.an_offering(db, scene.owner, scene.service, [coach])
    stranger, _ = await a_firm(db, "Vieras Oy")
    with pytest.raises(Invalid):
        await a.an_offering(db, scene.owner, scene.service, deliverer_id=stranger.organisation_id)
    offering = await a.an_offering(db, scene.owner, scene.service, [coach], deliverer_id=firm.organisation_id)
    seen = await catalogue.find_offering(db, offering, on=TODAY)
    assert (seen.deliverer_name, seen.is_choosable) == ("Apuri Oy", True)
    (card,) = (await catalogue.search(db, catalogue.Search(), on=TODAY)).cards
    assert (card.provider_name, card.deliverer_name) == ("Johtaja Oy", "Apuri Oy")
    order = LeaveConsortium(last_on=TODAY, reason="We have no time.")
    await registry.leave(db, partner, order, by=firm, at=NOON)
    tomorrow = TODAY + timedelta(days=1)
    assert not (await catalogue.find_offering(db, offering, on=tomorrow)).is_choosable
    assert (await catalogue.search(db, catalogue.Search(), on=tomorrow)).cards == []


async def test_the_firms_coach_records_and_the_lead_firm_is_owed(db, scene):
    firm, _ = await a_partner(db, scene, 20)
    coach = await a.a_coach(db, firm.organisation_id)
    offering = await a.an_offering(db, scene.owner, scene.service, [coach], deliverer_id=firm.organisation_id)
    session, _ = await a.a_session(db, scene.procurer, scene.registrar, firm, offering, coach)
    found = await (await db.connection()).execute(
        text("select provider_id, recorded_by from redemption where id = :id"), {"id": session}
    )
    assert tuple(found.one()) == (scene.lead, firm.person_id)
    for who in (firm, scene.owner):
        assert (await provider_desk.find_session(db, session, by=who)).row.id == session
    stranger, _ = await a_firm(db, "Vieras Oy")
    with pytest.raises(NotFound):
        await provider_desk.find_session(db, session, by=stranger)
    group = await consortia.find_group(db, scene.approval, on=TODAY, lead_id=scene.lead)
    assert (group.percent, group.is_over) == (None, False), "what is not confirmed is not counted"


async def test_the_share_that_is_really_delivered_is_held_against_the_cap(db, scene):
    firm, _ = await a_partner(db, scene, 20)
    coach = await a.a_coach(db, firm.organisation_id)
    theirs = await a.an_offering(db, scene.owner, scene.service, [coach], deliverer_id=firm.organisation_id)
    ours = await a.an_offering(db, scene.owner, scene.service, price_cents=90_00)
    wire = await wire_of(db)
    for offering, who, by in ((ours, None, scene.owner), (theirs, coach, firm)):
        session, holder = await a.a_session(db, scene.procurer, scene.registrar, by, offering, who)
        await vouchers.confirm(wire, session, by=holder, at=NOON)
    group = await consortia.find_group(db, scene.approval, on=TODAY, procurer_id=scene.procurer)
    assert (group.captured_cents, group.subcontracted_cents, group.is_over) == (170_00, 80_00, True)
    await vouchers.reverse(wire, session, vouchers.GiveReason(reason="Wrong day."), by=firm, at=NOON)
    group = await consortia.find_group(db, scene.approval, on=TODAY, procurer_id=scene.procurer)
    assert (group.captured_cents, group.subcontracted_cents, group.is_over) == (90_00, 0, False)


async def test_a_firm_that_has_ceased_is_flagged_at_its_lead_firm(db, scene):
    firm, partner = await a_partner(db, scene)
    told = facts.Told("A register", {"standing": "ceased"})
    await facts.keep(db, firm.organisation_id, facts.Office.COMPANY, told, at=NOON)
    group = await consortia.find_group(db, scene.approval, on=TODAY, lead_id=scene.lead)
    assert [(one.id, one.is_gone) for one in group.partners] == [(partner, True)]
    assert group.is_flagged


@pytest.mark.parametrize(
    "statement",
    [
        "insert into partner (id, approval_id, firm_id, part, task, share_percent, during, left_reason)"
        " select gen_random_uuid(), '{approval}', '{firm}', 'member', 'administration', 0, '[2026-03-02,)', ''",
        "update partner set share_percent = 39 where approval_id = '{approval}'",
        "update partner set during = '[2026-03-01,2026-03-09)' where approval_id = '{approval}'",
        "update partner_change set share_percent = 1",
        "update partner_change set status = 'invited', closed_at = null",
        "delete from partner",
    ],
    ids=["no yes", "another share", "other days", "what was asked", "back again", "no history"],
)
async def test_the_database_refuses_what_no_rule_lets_through(db, scene, statement):
    await a_partner(db, scene, 20)
    firm, _ = await a_firm(db, "Vieras Oy")
    filled = text(statement.format(approval=scene.approval, firm=firm.organisation_id))
    connection = await db.connection()
    with pytest.raises(DBAPIError):
        await connection.execute(filled)
