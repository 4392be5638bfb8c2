"""Between the sending and the last word: rounds, blind assessors, completion, conditions, appeals. Nothing is lost."""

from datetime import date, timedelta

import pytest

from setori import people, registry
from setori.errors import Forbidden, Invalid, NotFound
from setori.people import Role
from setori.registry import (
    AnswerCriteria,
    AppealOutcome,
    ApplicationStatus,
    AssessApplication,
    GiveVerdict,
    NotYours,
    RecordAppeal,
    ResolveAppeal,
)
from tests.domains.builders import (
    NOON,
    a_procurer,
    a_provider,
    a_rulebook,
    an_actor,
    an_application,
)
from tests.domains.desk import (
    ALL_MET,
    APPROVE,
    COMPLETE,
    LATER,
    MET,
    REJECT,
    TODAY,
    UNMET,
    a_desk,
)


@pytest.fixture
async def world(db):
    return await a_desk(db)


async def values(db, application_id, by):
    seen = await registry.find_application(db, application_id, by=by)
    return {one.asked.code: one.value for one in seen.criteria}


async def answer(db, application_id, by, *, over=None, at=NOON, **typed):
    order = AnswerCriteria(answers=typed, over=over or {})
    return await registry.answer(db, application_id, order, by=by, at=at)


async def test_several_people_of_the_firm_answer_and_only_an_owner_sends(db, world):
    application_id = await registry.start_application(db, world.rulebook_id, by=world.coach, at=NOON)
    await answer(db, application_id, world.coach, D1="yes")
    await answer(db, application_id, world.owner, N1="4")
    seen = await registry.find_application(db, application_id, by=world.coach)
    assert [one.answered_by for one in seen.criteria][:2] == ["Maija Mäkelä", "Otso Omistaja"]
    for refused in (registry.submit, registry.withdraw):
        with pytest.raises(Forbidden):
            await refused(db, application_id, by=world.coach, at=NOON)
    await registry.submit(db, application_id, by=world.owner, at=NOON)


async def test_a_colleagues_answer_is_not_written_over_unseen(db, world):
    application_id = await registry.start_application(db, world.rulebook_id, by=world.owner, at=NOON)
    await answer(db, application_id, world.coach, T1="Kirjoitin tämän.")
    with pytest.raises(registry.WrittenMeanwhile) as refused:
        await answer(db, application_id, world.owner, over={"T1": ""}, T1="Minä toisin.")
    assert refused.value.theirs == {"T1": "Kirjoitin tämän."}
    assert (await values(db, application_id, world.owner))["T1"] == "Kirjoitin tämän."
    await answer(db, application_id, world.owner, over={"T1": "Kirjoitin tämän."}, T1="Minä toisin.")
    await answer(db, application_id, world.owner, over={"T1": ""}, T1="Minä taas.")
    assert (await values(db, application_id, world.owner))["T1"] == "Minä taas.", "one's own may be"


async def test_answers_are_copied_from_earlier_applications_but_not_a_yes_to_other_words(db, world):
    first = await registry.start_application(db, world.rulebook_id, by=world.owner, at=NOON)
    await answer(db, first, world.owner, D1="yes", N1="4", T1="Olemme pieni.")
    unsent = await registry.start_application(db, world.strict_id, by=world.owner, at=NOON)
    assert set((await values(db, unsent, world.owner)).values()) == {"", await own_id(db, world)}, "not sent"
    await registry.withdraw(db, unsent, by=world.owner, at=NOON)
    await registry.submit(db, first, by=world.owner, at=NOON)

    second = await registry.start_application(db, world.strict_id, by=world.owner, at=NOON)

    seen = await registry.find_application(db, second, by=world.owner)
    number = (await registry.find_application(db, first, by=world.owner)).row.number
    assert [(one.value, one.source) for one in seen.criteria][:3] == [
        ("", None),
        ("4", number),
        ("Olemme pieni.", number),
    ]
    await answer(db, second, world.owner, N1="5")
    assert (await registry.find_application(db, second, by=world.owner)).criteria[1].source is None
    neighbours = await a_rulebook(
        db,
        await an_actor(db, Role.REGISTRAR, await a_procurer(db, "0012", "Varsinais-Suomi")),
        world.service_id,
    )
    third = await registry.start_application(db, neighbours, by=world.owner, at=NOON)
    assert (await values(db, third, world.owner))["D1"] == "yes", "the same words elsewhere"
    rival = await an_actor(db, Role.PROVIDER_OWNER, await a_provider(db, "Kilpa Oy"))
    theirs = await registry.start_application(db, world.strict_id, by=rival, at=NOON)
    assert (await values(db, theirs, rival))["N1"] == "", "another firm's answers are its own"


async def own_id(db, world):
    return (await people.find_organisation(db, world.provider_id)).business_id


async def test_what_was_filed_is_kept_through_completion_and_withdrawal(db, world):
    application_id = await an_application(db, world.rulebook_id, world.owner)
    await registry.ask_for_completion(db, application_id, COMPLETE, by=world.registrar, at=NOON)
    mails = await people.list_outbox(db, person_id=world.owner.person_id)
    assert [mail.kind for mail in mails.items] == ["application_returned"]
    await answer(db, application_id, world.coach, N1="7")

    assert (await values(db, application_id, world.registrar))["N1"] == "4", (
        "what is being written is not filed"
    )
    assert (await values(db, application_id, world.owner))["N1"] == "7"
    seen = await registry.find_application(db, application_id, by=world.owner)
    assert (seen.row.status, seen.row.due_on) == (ApplicationStatus.RETURNED, COMPLETE.due_on)
    assert [one.to_mend for one in seen.criteria] == ["", "How many?", "", ""]

    await registry.submit(db, application_id, by=world.owner, at=LATER)
    assert (await values(db, application_id, world.registrar))["N1"] == "7"
    await registry.withdraw(db, application_id, by=world.owner, at=LATER)
    for by in (world.owner, world.registrar):
        filings = [await registry.find_filing(db, application_id, n, by=by) for n in (1, 2)]
        assert [dict_of(filing)["N1"] for filing in filings] == ["4", "7"]
        assert [set(filing.changed) for filing in filings] == [set(), {"N1"}]
        with pytest.raises(NotFound):
            await registry.find_filing(db, application_id, 3, by=by)
    stranger = await an_actor(db, Role.REGISTRAR, await a_procurer(db, "0012", "Varsinais-Suomi"))
    with pytest.raises(NotFound):
        await registry.find_filing(db, application_id, 1, by=stranger)
    course = (await registry.find_application(db, application_id, by=world.registrar)).course
    assert [one.round for one in course.filings] == [1, 2]
    assert (course.withdrawn_at, course.withdrawn_by) == (LATER, "Otso Omistaja")


def dict_of(filing):
    return {asked.code: value for asked, value in filing.answers}


async def test_a_completion_has_a_day_ahead_and_names_what_the_provider_can_mend(db, world):
    application_id = await an_application(db, world.rulebook_id, world.owner)
    for wrong in ({"due_on": TODAY}, {"due_on": TODAY + timedelta(days=400)}, {"to_mend": {"R1": "No."}}):
        order = COMPLETE.model_copy(update=wrong)
        with pytest.raises(Invalid):
            await registry.ask_for_completion(db, application_id, order, by=world.registrar, at=NOON)
    await registry.ask_for_completion(db, application_id, COMPLETE, by=world.registrar, at=NOON)
    with pytest.raises(NotYours):
        await registry.ask_for_completion(db, application_id, COMPLETE, by=world.registrar, at=NOON)
    with pytest.raises(NotYours):
        await registry.decide(db, application_id, APPROVE, by=world.registrar, at=NOON)


async def test_what_is_not_completed_in_time_is_taken_up_as_it_was_filed(db, world):
    application_id = await an_application(db, world.rulebook_id, world.owner)
    await registry.ask_for_completion(db, application_id, COMPLETE, by=world.registrar, at=NOON)
    await answer(db, application_id, world.owner, N1="9")
    with pytest.raises(registry.NotDueYet):
        await registry.take_up(db, application_id, by=world.registrar, at=NOON + timedelta(days=14))
    await registry.take_up(db, application_id, by=world.registrar, at=LATER)
    assert (await values(db, application_id, world.registrar))["N1"] == "4"
    await registry.decide(db, application_id, APPROVE, by=world.registrar, at=LATER)


async def test_two_assessors_see_nothing_of_each_other_until_both_have_done(db, world):
    application_id = await an_application(db, world.strict_id, world.owner)
    with pytest.raises(registry.NotAssessedYet):
        await registry.decide(db, application_id, APPROVE, by=world.registrar, at=NOON)
    for who in (world.registrar, world.second, world.second):
        await registry.assign(db, application_id, who.person_id, by=world.registrar, at=NOON)
    with pytest.raises(registry.EnoughAssessors):
        await registry.assign(db, application_id, world.third.person_id, by=world.registrar, at=NOON)

    marks = AssessApplication(marks={"D1": MET, "N1": UNMET})
    await registry.assess(db, application_id, marks, by=world.registrar, at=NOON)
    assert await shown(db, application_id, world.registrar) == [2, None]
    assert await shown(db, application_id, world.second) == [None, 0]
    assert await shown(db, application_id, world.third) == [None, None]
    await registry.assess(db, application_id, ALL_MET, by=world.registrar, at=NOON)
    assert await shown(db, application_id, world.registrar) == [4, None]
    assert await shown(db, application_id, world.second) == [None, 0], "the first is done, the second is not"
    assert await shown(db, application_id, world.third) == [None, None]
    with pytest.raises(registry.NotAssessedYet):
        await registry.decide(db, application_id, APPROVE, by=world.third, at=NOON)

    done = AssessApplication(marks={**ALL_MET.marks, "N1": UNMET}, is_done=True)
    await registry.assess(db, application_id, done, by=world.second, at=NOON)
    for by in (world.registrar, world.second, world.third):
        assert await shown(db, application_id, by) == [4, 4]
    with pytest.raises(registry.AssessmentDone):
        await registry.assess(db, application_id, ALL_MET, by=world.second, at=NOON)
    with pytest.raises(registry.AssessmentDone):
        await registry.unassign(db, application_id, world.second.person_id, by=world.registrar, at=NOON)
    assert await registry.decide(db, application_id, APPROVE, by=world.third, at=NOON)


async def shown(db, application_id, by):
    """How many marks of each assessor somebody sees; None when they are hidden."""
    assessing = await registry.find_assessing(db, application_id, by=by)
    return [None if one.marks is None else len(one.marks) for one in assessing.assessments]


async def test_whoever_replaces_an_assessor_has_seen_nothing(db, world):
    application_id = await an_application(db, world.strict_id, world.owner)
    for who in (world.registrar, world.second):
        await registry.assign(db, application_id, who.person_id, by=world.registrar, at=NOON)
    await registry.assess(db, application_id, ALL_MET, by=world.registrar, at=NOON)
    marks = AssessApplication(marks={"D1": UNMET})
    await registry.assess(db, application_id, marks, by=world.second, at=NOON)
    await registry.unassign(db, application_id, world.second.person_id, by=world.registrar, at=NOON)
    assert await shown(db, application_id, world.third) == [None], "one of two is not enough to be shown"
    await registry.assign(db, application_id, world.third.person_id, by=world.registrar, at=NOON)
    assert await shown(db, application_id, world.third) == [None, 0]
    with pytest.raises(NotFound):
        await registry.assess(db, application_id, ALL_MET, by=world.second, at=NOON)


async def test_only_registrars_of_the_procurer_assess_and_a_done_one_marks_everything(db, world):
    application_id = await an_application(db, world.rulebook_id, world.owner)
    finance = await an_actor(db, Role.FINANCE, world.procurer_id)
    stranger = await an_actor(db, Role.REGISTRAR, await a_procurer(db, "0012", "Varsinais-Suomi"))
    for who in (finance, stranger, world.owner):
        with pytest.raises(NotFound):
            await registry.assign(db, application_id, who.person_id, by=world.registrar, at=NOON)
    await registry.assign(db, application_id, world.second.person_id, by=world.registrar, at=NOON)
    mails = await people.list_outbox(db, person_id=world.second.person_id)
    assert "application_assigned" in [mail.kind for mail in mails.items]
    half = AssessApplication(marks={"D1": MET, "N1": GiveVerdict(met=False)}, is_done=True)
    with pytest.raises(Invalid) as refused:
        await registry.assess(db, application_id, half, by=world.second, at=NOON)
    assert set(refused.value.errors) == {"N1", "R1"}, "T1 is optional and empty"
    for by in (finance, world.owner):
        with pytest.raises(Forbidden):
            await registry.find_assessing(db, application_id, by=by)
    with pytest.raises(NotFound):
        await registry.find_assessing(db, application_id, by=stranger)
    own = (await registry.list_queue(db, by=world.second, only_own=True)).items
    assert [row.id for row in own] == [application_id]
    assert not (await registry.list_queue(db, by=world.third, only_own=True)).items
    await registry.decide(db, application_id, APPROVE, by=world.registrar, at=NOON)


async def test_a_completed_application_comes_back_to_the_same_assessors_with_their_marks(db, world):
    application_id = await an_application(db, world.strict_id, world.owner)
    for who in (world.registrar, world.second):
        await registry.assign(db, application_id, who.person_id, by=world.registrar, at=NOON)
    await registry.assess(db, application_id, ALL_MET, by=world.registrar, at=NOON)
    await registry.ask_for_completion(db, application_id, COMPLETE, by=world.second, at=NOON)
    await registry.submit(db, application_id, by=world.owner, at=LATER)
    mine = await registry.find_assessing(db, application_id, by=world.registrar)
    assert [one.done_at for one in mine.assessments] == [None, None]
    assert len(mine.own_before) == 4
    assert (await registry.find_assessing(db, application_id, by=world.second)).own_before == {}
    assert (await registry.find_application(db, application_id, by=world.owner)).row.due_on == date(
        2026, 3, 27
    )


async def test_an_approval_may_have_conditions_and_a_rejection_has_none(db, world):
    application_id = await an_application(db, world.rulebook_id, world.owner)
    conditions = "A third coach by the end of May."
    order = REJECT.model_copy(update={"conditions": conditions})
    with pytest.raises(Invalid):
        await registry.decide(db, application_id, order, by=world.registrar, at=NOON)
    order = APPROVE.model_copy(update={"conditions": conditions})
    assert await registry.decide(db, application_id, order, by=world.registrar, at=NOON)
    seen = await registry.find_application(db, application_id, by=world.owner)
    assert seen.decision.conditions == conditions
    appeal = RecordAppeal(received_on=TODAY, demand="The coach comes in June.")
    await registry.record_appeal(db, application_id, appeal, by=world.registrar, at=NOON)
    reopened = ResolveAppeal(outcome=AppealOutcome.REOPENED, reason="Anew.")
    with pytest.raises(Invalid):
        await registry.resolve_appeal(db, application_id, reopened, by=world.registrar, at=NOON)
    amended = ResolveAppeal(outcome=AppealOutcome.AMENDED, reason="By the end of June.")
    await registry.resolve_appeal(db, application_id, amended, by=world.registrar, at=NOON)
    with pytest.raises(registry.NoAppeal):
        await registry.resolve_appeal(db, application_id, amended, by=world.registrar, at=NOON)


async def test_an_accepted_appeal_opens_a_rejection_again_and_the_first_decision_stays(db, world):
    application_id = await an_application(db, world.rulebook_id, world.owner)
    appeal = RecordAppeal(received_on=TODAY, demand="We have four coaches.")
    with pytest.raises(NotYours):
        await registry.record_appeal(db, application_id, appeal, by=world.registrar, at=NOON)
    await registry.decide(db, application_id, REJECT, by=world.registrar, at=NOON)
    with pytest.raises(NotYours):
        await registry.submit(db, application_id, by=world.owner, at=NOON)
    early = appeal.model_copy(update={"received_on": TODAY - timedelta(days=1)})
    with pytest.raises(Invalid):
        await registry.record_appeal(db, application_id, early, by=world.registrar, at=NOON)
    await registry.record_appeal(db, application_id, appeal, by=world.registrar, at=NOON)
    with pytest.raises(registry.AppealOpen):
        await registry.record_appeal(db, application_id, appeal, by=world.registrar, at=NOON)
    outcome = ResolveAppeal(outcome=AppealOutcome.REOPENED, reason="The register was wrong.")
    await registry.resolve_appeal(db, application_id, outcome, by=world.registrar, at=LATER)

    seen = await registry.find_application(db, application_id, by=world.owner)
    assert (seen.row.status, seen.decision) == (ApplicationStatus.SUBMITTED, None)
    await registry.decide(db, application_id, APPROVE, by=world.registrar, at=LATER)
    seen = await registry.find_application(db, application_id, by=world.owner)
    assert [one.outcome.value for one in seen.course.decisions] == ["rejected", "approved"]
    assert [one.outcome for one in seen.course.appeals] == [AppealOutcome.REOPENED]


async def test_a_rejection_is_not_opened_beside_a_new_application(db, world):
    application_id = await an_application(db, world.rulebook_id, world.owner)
    await registry.decide(db, application_id, REJECT, by=world.registrar, at=NOON)
    appeal = RecordAppeal(received_on=TODAY, demand="We have four coaches.")
    await registry.record_appeal(db, application_id, appeal, by=world.registrar, at=NOON)
    await registry.start_application(db, world.rulebook_id, by=world.owner, at=NOON)
    outcome = ResolveAppeal(outcome=AppealOutcome.REOPENED, reason="The register was wrong.")
    with pytest.raises(registry.AppliedAgain):
        await registry.resolve_appeal(db, application_id, outcome, by=world.registrar, at=LATER)
