"""The register: a provider applies, a registrar decides, and everybody can see who is approved."""

from datetime import date, timedelta

import pytest
from pydantic import ValidationError
from sqlalchemy import text

from setori import people, registry
from setori.errors import Forbidden, Invalid, NotFound
from setori.people import Role
from setori.registry import (
    AddProvider,
    AlreadyApproved,
    AnswerCriteria,
    ApplicationStatus,
    ApprovalStatus,
    DecideApplication,
    GiveVerdict,
    ImportProvider,
    NotComplete,
    NotYours,
    SuspendApproval,
    UpdateProfile,
)
from tests.domains.builders import (
    NOON,
    a_business_id,
    a_procurer,
    a_provider,
    a_rulebook,
    a_service,
    an_actor,
    an_application,
    an_approval,
)

TODAY = date(2026, 3, 2)
APPROVE = DecideApplication(outcome=ApplicationStatus.APPROVED, reason="All criteria are met.")


class World:
    """A procurer with a registrar and a rulebook, and a provider with an owner."""


@pytest.fixture
async def world(db):
    it = World()
    it.procurer_id = await a_procurer(db)
    it.registrar = await an_actor(db, Role.REGISTRAR, it.procurer_id)
    it.service_id = await a_service(db)
    it.rulebook_id = await a_rulebook(db, it.registrar, it.service_id)
    it.provider_id = await a_provider(db)
    it.owner = await an_actor(db, Role.PROVIDER_OWNER, it.provider_id)
    return it


async def test_an_application_is_approved_from_today_on_and_the_owner_is_told(db, world):
    application_id = await an_application(db, world.rulebook_id, world.owner)
    [waiting] = (await registry.list_queue(db, by=world.registrar)).items
    assert waiting.id == application_id

    approval_id = await registry.decide(db, application_id, APPROVE, by=world.registrar, at=NOON)

    page = await registry.find_provider(db, world.provider_id, on=TODAY)
    [approval] = page.approvals
    assert (approval.id, approval.status, approval.starts_on, approval.ends_on) == (
        approval_id,
        ApprovalStatus.IN_FORCE,
        TODAY,
        None,
    )
    mails = await people.list_outbox(db, person_id=world.owner.person_id)
    assert [mail.kind for mail in mails.items] == ["application_decided"]
    seen = await registry.find_application(db, application_id, by=world.owner)
    assert seen.decision is not None
    assert seen.decision.reason == APPROVE.reason
    assert [criterion.met for criterion in seen.criteria] == [True, True, None, True], "T1 was left empty"
    assert not (await registry.list_queue(db, by=world.registrar)).items


async def test_a_decision_is_made_once(db, world):
    application_id = await an_application(db, world.rulebook_id, world.owner)
    await registry.decide(db, application_id, APPROVE, by=world.registrar, at=NOON)
    with pytest.raises(NotYours):
        await registry.decide(db, application_id, APPROVE, by=world.registrar, at=NOON)


async def test_starting_twice_gives_the_same_open_application(db, world):
    first = await registry.start_application(db, world.rulebook_id, by=world.owner, at=NOON)
    assert await registry.start_application(db, world.rulebook_id, by=world.owner, at=NOON) == first


async def test_bad_answers_are_kept_as_typed_and_named(db, world):
    application_id = await registry.start_application(db, world.rulebook_id, by=world.owner, at=NOON)
    answers = AnswerCriteria(answers={"D1": "no", "N1": "many", "T1": "Olemme pieni."})

    problems = await registry.answer(db, application_id, answers, by=world.owner, at=NOON)

    assert set(problems) == {"N1"}
    kept = await registry.find_application(db, application_id, by=world.owner)
    assert [criterion.value for criterion in kept.criteria][:3] == ["no", "many", "Olemme pieni."]
    with pytest.raises(NotComplete) as refused:
        await registry.submit(db, application_id, by=world.owner, at=NOON)
    assert set(refused.value.errors) == {"D1", "N1"}


async def test_what_setori_knows_by_itself_is_not_asked(db, world):
    application_id = await an_application(db, world.rulebook_id, world.owner)
    seen = await registry.find_application(db, application_id, by=world.registrar)
    assert seen.criteria[3].value == (await people.find_organisation(db, world.provider_id)).business_id
    with pytest.raises(NotYours):
        await registry.answer(db, application_id, AnswerCriteria(answers={}), by=world.owner, at=NOON)


async def test_an_emptied_answer_is_taken_away(db, world):
    application_id = await an_application(db, world.rulebook_id, world.owner, sent=False)
    await registry.answer(db, application_id, AnswerCriteria(answers={"N1": ""}), by=world.owner, at=NOON)
    with pytest.raises(NotComplete) as refused:
        await registry.submit(db, application_id, by=world.owner, at=NOON)
    assert set(refused.value.errors) == {"N1"}


async def test_a_coach_cannot_send_an_application(db, world):
    application_id = await an_application(db, world.rulebook_id, world.owner, sent=False)
    coach = await an_actor(db, Role.COACH, world.provider_id)
    with pytest.raises(Forbidden):
        await registry.submit(db, application_id, by=coach, at=NOON)


async def test_a_rejection_gives_its_reason_and_no_approval(db, world):
    application_id = await an_application(db, world.rulebook_id, world.owner)
    bare = DecideApplication(outcome=ApplicationStatus.REJECTED)
    with pytest.raises(registry.ReasonMissing):
        await registry.decide(db, application_id, bare, by=world.registrar, at=NOON)
    order = DecideApplication(
        outcome=ApplicationStatus.REJECTED,
        reason="One criterion is not met.",
        verdicts={"N1": GiveVerdict(met=False, reason="Only one coach has a contract.")},
    )
    assert await registry.decide(db, application_id, order, by=world.registrar, at=NOON) is None
    seen = await registry.find_application(db, application_id, by=world.owner)
    assert seen.criteria[1].verdict_reason == "Only one coach has a contract."
    assert not (await registry.find_provider(db, world.provider_id, on=TODAY)).approvals


async def test_what_is_mandatory_and_not_met_cannot_be_approved(db, world):
    application_id = await an_application(db, world.rulebook_id, world.owner)
    unmet = {"N1": GiveVerdict(met=False, reason="Only one coach."), "T1": GiveVerdict(met=False)}
    order = DecideApplication(outcome=ApplicationStatus.APPROVED, reason="Fine.", verdicts=unmet)
    with pytest.raises(Invalid) as refused:
        await registry.decide(db, application_id, order, by=world.registrar, at=NOON)
    assert set(refused.value.errors) == {"N1", "T1"}


async def test_anothers_application_is_not_found(db, world):
    application_id = await an_application(db, world.rulebook_id, world.owner)
    stranger = await an_actor(db, Role.PROVIDER_OWNER, await a_provider(db, "Toinen Oy"))
    other = await an_actor(db, Role.REGISTRAR, await a_procurer(db, "0012", "Varsinais-Suomi"))
    for by in (stranger, other):
        with pytest.raises(NotFound):
            await registry.find_application(db, application_id, by=by)
    with pytest.raises(NotFound):
        await registry.decide(db, application_id, APPROVE, by=other, at=NOON)
    assert not (await registry.list_queue(db, by=other)).items


async def test_a_draft_is_not_for_the_registrars_eyes(db, world):
    application_id = await an_application(db, world.rulebook_id, world.owner, sent=False)
    with pytest.raises(NotFound):
        await registry.find_application(db, application_id, by=world.registrar)


async def test_the_queue_is_read_page_by_page_the_oldest_first(db, world):
    sent = []
    for minutes in range(5):
        owner = await an_actor(db, Role.PROVIDER_OWNER, await a_provider(db))
        at = NOON + timedelta(minutes=minutes // 2)
        sent.append(await an_application(db, world.rulebook_id, owner, at=at))
    seen, after = [], None
    while True:
        page = await registry.list_queue(db, by=world.registrar, after=after, limit=2)
        seen += [row.id for row in page.items]
        after = page.next
        if after is None:
            break
    assert seen == sent


async def test_only_a_registrar_decides(db, world):
    application_id = await an_application(db, world.rulebook_id, world.owner)
    finance = await an_actor(db, Role.FINANCE, world.procurer_id)
    for by in (finance, world.owner):
        with pytest.raises(Forbidden):
            await registry.decide(db, application_id, APPROVE, by=by, at=NOON)


async def test_days_of_approvals_do_not_overlap(db, world):
    await an_approval(db, world.rulebook_id, world.provider_id)
    with pytest.raises(AlreadyApproved):
        await an_approval(db, world.rulebook_id, world.provider_id)
    with pytest.raises(AlreadyApproved):
        await registry.start_application(db, world.rulebook_id, by=world.owner, at=NOON)


async def test_a_suspension_ends_the_approval_today_and_is_seen_by_all(db, world):
    approval_id = await an_approval(
        db, world.rulebook_id, world.provider_id, starts_on=TODAY - timedelta(days=30)
    )
    order = SuspendApproval(reason="Insurance has run out.", is_urgent=True)
    assert await registry.suspend(db, approval_id, order, by=world.registrar, at=NOON) == TODAY

    [approval] = (await registry.find_provider(db, world.provider_id, on=TODAY)).approvals
    assert (approval.status, approval.reason) == (ApprovalStatus.SUSPENDED, "Insurance has run out.")
    with pytest.raises(registry.NotInForce):
        await registry.suspend(db, approval_id, order, by=world.registrar, at=NOON)
    assert await registry.approved_under(
        db, world.procurer_id, world.provider_id, world.service_id, on=TODAY - timedelta(days=1)
    )
    assert not await registry.approved_under(
        db, world.procurer_id, world.provider_id, world.service_id, on=TODAY
    )


async def test_an_approval_of_today_is_suspended_from_tomorrow(db, world):
    approval_id = await an_approval(db, world.rulebook_id, world.provider_id)
    order = SuspendApproval(reason="By mistake.", is_urgent=True)
    from_on = await registry.suspend(db, approval_id, order, by=world.registrar, at=NOON)
    assert from_on == TODAY + timedelta(days=1)


async def test_a_new_version_supersedes_the_former_and_never_changes(db, world):
    second = await a_rulebook(db, world.registrar, world.service_id)
    assert [row.version for row in await registry.list_open_rulebooks(db)] == [2]
    with pytest.raises(registry.NotOpen):
        await registry.start_application(db, world.rulebook_id, by=world.owner, at=NOON)
    with pytest.raises(registry.NotDraft):
        await registry.publish_rulebook(db, second, by=world.registrar, at=NOON)
    codes = [criterion.code for criterion in (await registry.find_rulebook(db, second)).criteria]
    assert codes == ["D1", "N1", "T1", "R1"]


async def test_the_register_is_searched_by_name_area_and_status(db, world):
    other = await a_provider(db, "100 % Valmennus Oy")
    await an_approval(db, world.rulebook_id, world.provider_id, starts_on=TODAY - timedelta(days=9))
    gone = await an_approval(db, world.rulebook_id, other, starts_on=TODAY - timedelta(days=9))
    await registry.suspend(
        db, gone, SuspendApproval(reason="Stopped.", is_urgent=True), by=world.registrar, at=NOON
    )

    async def names(**filters):
        return [row.name for row in (await registry.list_register(db, on=TODAY, **filters)).items]

    assert await names() == ["100 % Valmennus Oy", "Suunta Oy"]
    assert await names(q="suunTA") == ["Suunta Oy"]
    assert await names(q="100 %") == ["100 % Valmennus Oy"]
    assert await names(q="1%V") == []
    assert await names(status=ApprovalStatus.IN_FORCE) == ["Suunta Oy"]
    assert await names(status=ApprovalStatus.SUSPENDED) == ["100 % Valmennus Oy"]
    assert await names(area_code="0011", service_id=world.service_id) == ["100 % Valmennus Oy", "Suunta Oy"]
    assert await names(area_code="9999") == []
    first = await registry.list_register(db, on=TODAY, limit=1)
    assert await names(after=first.next) == ["Suunta Oy"]


async def test_a_foreign_register_is_taken_over_and_followed(db, world):
    order = ImportProvider(foreign_register="nj-etpl", foreign_id="77", name="Garden State School")
    provider_id = await registry.import_provider(db, order, at=NOON)
    renamed = order.model_copy(update={"name": "Garden State College"})
    assert await registry.import_provider(db, renamed, at=NOON) == provider_id
    assert (await registry.find_provider(db, provider_id, on=TODAY)).name == "Garden State College"

    async def told(status, days):
        at = NOON + timedelta(days=days)
        await registry.adopt(db, provider_id, world.rulebook_id, status, "As the register says.", at=at)
        on = TODAY + timedelta(days=days)
        return [one.status for one in (await registry.find_provider(db, provider_id, on=on)).approvals]

    in_force, suspended = ApprovalStatus.IN_FORCE, ApprovalStatus.SUSPENDED
    assert await told(suspended, 0) == [suspended]
    assert await told(suspended, 0) == [suspended]
    assert await told(in_force, 1) == [in_force, suspended]
    assert await told(in_force, 2) == [in_force, suspended]
    assert await told(suspended, 3) == [suspended, suspended]


async def test_a_profile_is_changed_by_its_owner_alone_and_checked(db, world):
    order = UpdateProfile(summary={"fi": "Valmennamme."}, iban="FI21 1234 5600 0007 85")
    await registry.update_profile(db, order, by=world.owner, at=NOON)
    assert (await registry.find_profile(db, by=world.owner)).iban == "FI2112345600000785"
    coach = await an_actor(db, Role.COACH, world.provider_id)
    with pytest.raises(Forbidden):
        await registry.update_profile(db, order, by=coach, at=NOON)
    with pytest.raises(ValidationError, match="not an IBAN"):
        UpdateProfile(iban="FI2112345600000786")
    with pytest.raises(ValidationError, match="whole address"):
        UpdateProfile(website="javascript:alert(1)")
    with pytest.raises(ValidationError, match="not a Finnish Business ID"):
        AddProvider(name="X", business_id=a_business_id()[:-1] + "x")


async def test_every_write_leaves_a_trace(db, world):
    application_id = await an_application(db, world.rulebook_id, world.owner)
    await registry.decide(db, application_id, APPROVE, by=world.registrar, at=NOON)
    await db.flush()
    wanted = text("select action from audit_entry where subject_id = :id order by id").bindparams(
        id=application_id
    )
    assert (await db.exec(wanted)).scalars().all() == [
        "application.started",
        "application.answered",
        "application.submitted",
        "application.approved",
    ]
