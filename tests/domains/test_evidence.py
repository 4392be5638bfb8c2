"""A firm's wallet: kept once, renewed, withdrawn and taken back; answers applications; reminds; closes and opens."""

from datetime import date, timedelta

import pytest

from setori import evidence, jobs, people, registry
from setori.days import local_day, noon
from setori.errors import Forbidden, Invalid, NotFound
from setori.evidence import DocumentKind, DocumentStatus, KeepDocument, RenewDocument, Withdrawn
from setori.people import Role
from setori.readmodels import documents
from setori.registry import AnswerCriteria, NotComplete, ReasonCode
from tests.domains import papers as p
from tests.domains.builders import NOON, a_procurer, a_provider, an_actor, an_approval
from tests.domains.desk import APPROVE, a_desk

TODAY = local_day(NOON)
UNTIL = TODAY + timedelta(days=90)
TAX = DocumentKind.TAX_CERTIFICATE


@pytest.fixture
async def world(db):
    it = await a_desk(db)
    it.book = await p.a_rulebook_of_papers(db, it.registrar)
    return it


def on_day(day):
    return noon(day)


async def the_document(db, version_id, by):
    known = await evidence.list_versions(db, [version_id], provider_id=by.organisation_id)
    return known[version_id].document_id


async def renewed(db, document_id, by, *, since, until, at=NOON):
    order = RenewDocument(issuer="Vakuutus Oy", valid_from=since, valid_until=until)
    return await evidence.renew(db, document_id, order, await p.a_file(words=str(until)), by=by, at=at)


async def an_approved_firm(db, world, *, until=UNTIL, at=NOON):
    """A firm approved on its insurance until a day. Returns the approval, the application and the document."""
    version_id = await p.a_document(db, world.owner, until=until, at=at)
    application_id = await registry.start_application(db, world.book, by=world.owner, at=at)
    await registry.submit(db, application_id, by=world.owner, at=at)
    approval_id = await registry.decide(db, application_id, APPROVE, by=world.registrar, at=at)
    return approval_id, application_id, await the_document(db, version_id, world.owner)


async def is_paused(db, approval_id):
    return [one.code for one in await registry.list_open_pauses(db, approval_id)]


async def mails(db, kind):
    listed = await people.list_outbox(db, limit=200)
    return [mail for mail in listed.items if mail.kind == kind]


# Keeping.


async def test_a_newer_version_goes_before_the_older_and_nothing_is_lost(db, world):
    first = await p.a_document(db, world.coach, since=TODAY, until=UNTIL)
    document_id = await the_document(db, first, world.owner)
    later = UNTIL + timedelta(days=365)
    second = await renewed(db, document_id, world.owner, since=UNTIL + timedelta(days=1), until=later)
    seen = await evidence.find_document(db, document_id, by=world.owner, on=TODAY)
    assert [(one.id, one.number, one.is_newest) for one in seen.versions] == [
        (second, 2, True),
        (first, 1, False),
    ]
    assert (seen.status, seen.holds_until) == (DocumentStatus.VALID, later)
    assert (await evidence.open_own(db, first, by=world.owner)).content == p.a_pdf("Sample document")
    assert (await evidence.open_own(db, second, by=world.owner)).content == p.a_pdf(str(later))


@pytest.mark.parametrize(
    ("since", "until", "status"),
    [
        (0, 61, DocumentStatus.VALID),
        (0, 60, DocumentStatus.ENDS_SOON),
        (0, 0, DocumentStatus.ENDS_SOON),
        (-9, -1, DocumentStatus.ENDED),
        (1, 99, DocumentStatus.NOT_YET),
        (0, None, DocumentStatus.VALID),
    ],
)
async def test_how_a_document_stands_comes_from_its_days(db, world, since, until, status):
    last = None if until is None else TODAY + timedelta(days=until)
    await p.a_document(db, world.owner, since=TODAY + timedelta(days=since), until=last)
    (seen,) = (await evidence.list_documents(db, by=world.owner, on=TODAY)).items
    assert seen.status is status


async def test_a_gap_between_two_versions_is_a_gap(db, world):
    first = await p.a_document(db, world.owner, since=TODAY, until=TODAY + timedelta(days=9))
    document_id = await the_document(db, first, world.owner)
    await renewed(
        db, document_id, world.owner, since=TODAY + timedelta(days=20), until=TODAY + timedelta(days=400)
    )
    for days, status in ((0, "ends_soon"), (12, "ended"), (20, "valid")):
        seen = await evidence.find_document(db, document_id, by=world.owner, on=TODAY + timedelta(days=days))
        assert seen.status == status


async def test_what_is_withdrawn_is_taken_back_and_only_by_owners(db, world):
    document_id = await the_document(db, await p.a_document(db, world.owner), world.owner)
    with pytest.raises(Forbidden):
        await evidence.withdraw(db, document_id, by=world.coach, at=NOON)
    for _ in range(2):
        await evidence.withdraw(db, document_id, by=world.owner, at=NOON)
    (seen,) = (await evidence.list_documents(db, by=world.owner, on=TODAY)).items
    assert seen.status is DocumentStatus.WITHDRAWN
    with pytest.raises(Withdrawn):
        await renewed(db, document_id, world.owner, since=TODAY, until=UNTIL)
    for _ in range(2):
        await evidence.restore(db, document_id, by=world.owner, at=NOON)
    assert (await evidence.find_document(db, document_id, by=world.owner, on=TODAY)).withdrawn_at is None


@pytest.mark.parametrize(("since", "until", "field"), [(5, 4, "valid_until"), (-40_000, 4, "valid_from")])
async def test_days_that_cannot_be_are_told_at_their_field(db, world, since, until, field):
    order = KeepDocument(
        kind=TAX,
        issuer="Vero",
        valid_from=TODAY + timedelta(days=since),
        valid_until=TODAY + timedelta(days=until),
    )
    with pytest.raises(Invalid) as refused:
        await evidence.keep(db, order, await p.a_file(), by=world.owner, at=NOON)
    assert list(refused.value.errors) == [field]


async def test_another_firms_document_is_not_there(db, world):
    rival = await an_actor(db, Role.PROVIDER_OWNER, await a_provider(db, "Kilpa Oy"))
    version_id = await p.a_document(db, world.owner)
    document_id = await the_document(db, version_id, world.owner)
    with pytest.raises(NotFound):
        await evidence.find_document(db, document_id, by=rival, on=TODAY)
    with pytest.raises(NotFound):
        await evidence.open_own(db, version_id, by=rival)
    with pytest.raises(NotFound):
        await renewed(db, document_id, rival, since=TODAY, until=UNTIL)
    with pytest.raises(NotFound):
        await evidence.withdraw(db, document_id, by=rival, at=NOON)
    assert await evidence.list_versions(db, [version_id], provider_id=rival.organisation_id) == {}
    application = await registry.start_application(db, world.book, by=rival, at=NOON)
    order = AnswerCriteria(answers={"N1": str(version_id)})
    assert "N1" in await registry.answer(db, application, order, by=rival, at=NOON)
    with pytest.raises(NotComplete):
        await registry.submit(db, application, by=rival, at=NOON)
    with pytest.raises(Forbidden):
        await evidence.list_documents(db, by=world.registrar, on=TODAY)


# In applications.


async def test_an_application_is_answered_from_the_wallet_by_kind_and_only_with_what_holds(db, world):
    await p.a_document(db, world.owner, kind=TAX, until=None)
    await p.a_document(db, world.owner, since=TODAY - timedelta(days=99), until=TODAY - timedelta(days=1))
    good = await p.a_document(db, world.owner, until=UNTIL)
    application_id = await registry.start_application(db, world.book, by=world.owner, at=NOON)
    (item,) = (await registry.find_application(db, application_id, by=world.owner, on=TODAY)).criteria
    assert (item.value, item.document.id, item.problem) == (str(good), good, None)


async def test_what_was_filed_before_answers_again_in_its_newest_version(db, world):
    version_id = await p.a_document(db, world.owner, kind=DocumentKind.LICENCE, until=None)
    books = [
        await p.a_rulebook_of_papers(db, world.registrar, code, kind=None, expires=False) for code in "ab"
    ]
    first = await registry.start_application(db, books[0], by=world.owner, at=NOON)
    order = AnswerCriteria(answers={"N1": str(version_id)})
    await registry.answer(db, first, order, by=world.owner, at=NOON)
    await registry.submit(db, first, by=world.owner, at=NOON)
    document_id = await the_document(db, version_id, world.owner)
    newer = await renewed(db, document_id, world.owner, since=TODAY, until=None)
    second = await registry.start_application(db, books[1], by=world.owner, at=NOON)
    seen = await registry.find_application(db, second, by=world.owner)
    number = (await registry.find_application(db, first, by=world.owner)).row.number
    assert (seen.criteria[0].value, seen.criteria[0].source) == (str(newer), number)


async def test_the_version_that_was_sent_stays_what_was_sent(db, world):
    _, application_id, document_id = await an_approved_firm(db, world)
    sent = (await registry.find_application(db, application_id, by=world.registrar)).criteria[0].document
    newer = await renewed(db, document_id, world.owner, since=TODAY, until=UNTIL + timedelta(days=99))
    await evidence.withdraw(db, document_id, by=world.owner, at=NOON)
    seen = (await registry.find_application(db, application_id, by=world.registrar)).criteria[0]
    filed = await registry.find_filing(db, application_id, 1, by=world.registrar)
    assert seen.document.id == sent.id == filed.documents["N1"].id != newer
    assert (seen.document.is_newest, seen.problem) == (False, None)


@pytest.mark.parametrize(
    ("made", "said"),
    [
        ({"kind": TAX}, "another kind"),
        ({"until": None}, "with a last day"),
        ({"since": TODAY - timedelta(days=9), "until": TODAY - timedelta(days=1)}, "has ended"),
    ],
)
async def test_a_document_that_does_not_answer_is_kept_and_told(db, world, made, said):
    version_id = await p.a_document(db, world.owner, **made)
    application_id = await registry.start_application(db, world.book, by=world.owner, at=NOON)
    order = AnswerCriteria(answers={"N1": str(version_id)})
    told = await registry.answer(db, application_id, order, by=world.owner, at=NOON)
    assert said in told["N1"]
    with pytest.raises(NotComplete) as refused:
        await registry.submit(db, application_id, by=world.owner, at=NOON)
    assert said in refused.value.errors["N1"]


async def test_a_document_withdrawn_meanwhile_is_not_sent(db, world):
    version_id = await p.a_document(db, world.owner)
    application_id = await registry.start_application(db, world.book, by=world.owner, at=NOON)
    document_id = await the_document(db, version_id, world.owner)
    await evidence.withdraw(db, document_id, by=world.owner, at=NOON)
    with pytest.raises(NotComplete) as refused:
        await registry.submit(db, application_id, by=world.owner, at=NOON)
    assert "has been withdrawn" in refused.value.errors["N1"]


@pytest.mark.parametrize(
    "typed", ["insurance.pdf", "00000000-0000-7000-8000-000000000000", "../../etc/passwd"]
)
async def test_words_are_no_document(db, world, typed):
    application_id = await registry.start_application(db, world.book, by=world.owner, at=NOON)
    order = AnswerCriteria(answers={"N1": typed})
    told = await registry.answer(db, application_id, order, by=world.owner, at=NOON)
    assert "Choose a document" in told["N1"]


# Reminders and the sweep.


async def test_owners_are_reminded_at_60_30_and_7_days_once_each(db, world):
    await p.a_document(db, world.owner, until=UNTIL)
    told = {}
    for left in range(90, -5, -1):
        for _ in range(2):
            told[left] = told.get(left, 0) + await evidence.remind(
                db, at=on_day(UNTIL - timedelta(days=left))
            )
    assert {left: times for left, times in told.items() if times} == {60: 1, 30: 1, 7: 1}
    letters = await mails(db, "document_ends")
    assert [mail.name for mail in letters] == ["Otso Omistaja"] * 3


async def test_after_nights_without_a_worker_only_the_nearest_reminder_goes_out(db, world):
    await p.a_document(db, world.owner, until=UNTIL)
    assert await evidence.remind(db, at=on_day(UNTIL - timedelta(days=5))) == 1
    assert await evidence.remind(db, at=on_day(UNTIL - timedelta(days=4))) == 0


async def test_what_is_renewed_withdrawn_or_kept_with_few_days_left_is_not_reminded_of(db, world):
    late = await p.a_document(db, world.owner, until=TODAY + timedelta(days=20))
    gone = await p.a_document(db, world.owner, until=UNTIL)
    again = await p.a_document(db, world.owner, until=UNTIL)
    await evidence.withdraw(db, await the_document(db, gone, world.owner), by=world.owner, at=NOON)
    document_id = await the_document(db, again, world.owner)
    await renewed(db, document_id, world.owner, since=TODAY, until=UNTIL + timedelta(days=300))
    assert await evidence.remind(db, at=on_day(TODAY + timedelta(days=1))) == 0, (
        "it was kept with 20 days left"
    )
    assert await evidence.remind(db, at=on_day(UNTIL - timedelta(days=30))) == 0
    assert late


async def test_an_approval_closes_after_the_days_of_grace_and_opens_when_renewed(db, world):
    approval_id, _, document_id = await an_approved_firm(db, world)
    last = UNTIL + timedelta(days=14)
    (told,) = await documents.list_deadlines(db, world.provider_id, on=UNTIL - timedelta(days=60))
    assert (told.ends_on, told.closes_on) == (UNTIL, last + timedelta(days=1))
    assert await documents.list_deadlines(db, world.provider_id, on=UNTIL - timedelta(days=61)) == []
    assert await registry.sweep_documents(db, at=on_day(last)) == 0
    assert await registry.sweep_documents(db, at=on_day(last + timedelta(days=1))) == 1
    assert await is_paused(db, approval_id) == [ReasonCode.EVIDENCE_EXPIRED]
    assert await registry.sweep_documents(db, at=on_day(last + timedelta(days=2))) == 0, "once"
    assert len(await mails(db, "approval_paused")) == 1
    renewed_on = last + timedelta(days=3)
    await renewed(
        db,
        document_id,
        world.owner,
        since=renewed_on,
        until=renewed_on + timedelta(days=365),
        at=on_day(renewed_on),
    )
    assert await registry.sweep_documents(db, at=on_day(renewed_on)) == 1
    assert await is_paused(db, approval_id) == []
    assert len(await mails(db, "approval_resumed")) == 1


async def test_another_document_of_the_kind_keeps_an_approval_open(db, world):
    approval_id, _, _ = await an_approved_firm(db, world)
    await p.a_document(db, world.owner, until=UNTIL + timedelta(days=300))
    assert await registry.sweep_documents(db, at=on_day(UNTIL + timedelta(days=20))) == 0
    assert await is_paused(db, approval_id) == []


async def test_withdrawing_is_no_way_around_the_last_day(db, world):
    approval_id, _, document_id = await an_approved_firm(db, world)
    await evidence.withdraw(db, document_id, by=world.owner, at=NOON)
    assert await registry.sweep_documents(db, at=on_day(TODAY + timedelta(days=14))) == 0
    assert await registry.sweep_documents(db, at=on_day(TODAY + timedelta(days=15))) == 1
    await evidence.restore(db, document_id, by=world.owner, at=on_day(TODAY + timedelta(days=16)))
    assert await registry.sweep_documents(db, at=on_day(TODAY + timedelta(days=16))) == 1
    assert await is_paused(db, approval_id) == []


async def test_an_approval_without_documents_has_nothing_that_runs_out(db, world):
    approval_id = await an_approval(db, world.book, world.provider_id)
    assert await registry.sweep_documents(db, at=on_day(TODAY + timedelta(days=900))) == 0
    assert await is_paused(db, approval_id) == []


async def test_what_a_registrar_opens_stays_open_until_the_next_document_ends(db, world):
    approval_id, _, document_id = await an_approved_firm(db, world)
    closed_on = UNTIL + timedelta(days=15)
    await registry.sweep_documents(db, at=on_day(closed_on))
    await registry.resume(db, approval_id, by=world.registrar, at=on_day(closed_on + timedelta(days=1)))
    assert await registry.sweep_documents(db, at=on_day(closed_on + timedelta(days=2))) == 0
    until = closed_on + timedelta(days=40)
    await renewed(
        db, document_id, world.owner, since=closed_on, until=until, at=on_day(closed_on + timedelta(days=3))
    )
    assert await registry.sweep_documents(db, at=on_day(until + timedelta(days=15))) == 1
    assert await is_paused(db, approval_id) == [ReasonCode.EVIDENCE_EXPIRED]


async def test_an_approval_goes_by_the_rulebook_that_it_was_given_under(db, world):
    """The next version gives no days of grace; who was approved before keeps fourteen."""
    approval_id, _, _ = await an_approved_firm(db, world)
    await p.a_rulebook_of_papers(db, world.registrar, grace_days=0)
    assert await registry.sweep_documents(db, at=on_day(UNTIL + timedelta(days=14))) == 0
    assert await registry.sweep_documents(db, at=on_day(UNTIL + timedelta(days=15))) == 1
    assert await is_paused(db, approval_id) == [ReasonCode.EVIDENCE_EXPIRED]


# Who may open.


async def test_a_procurer_opens_what_was_sent_to_it_and_what_its_approvals_rest_on(db, world):
    other = await p.a_document(db, world.owner, kind=TAX, until=None)
    _, application_id, document_id = await an_approved_firm(db, world)
    sent = (await registry.find_application(db, application_id, by=world.registrar)).criteria[0].document.id
    newer = await renewed(db, document_id, world.owner, since=TODAY, until=UNTIL + timedelta(days=99))
    stranger = await an_actor(db, Role.REGISTRAR, await a_procurer(db, "0022", "Varsinais-Suomi"))

    async def may(procurer_id, version_id):
        return await documents.may_open(db, procurer_id, version_id, on=TODAY)

    assert [await may(world.procurer_id, one) for one in (sent, newer, other)] == [True, True, False]
    assert [await may(stranger.organisation_id, one) for one in (sent, newer, other)] == [False] * 3
    await evidence.withdraw(db, document_id, by=world.owner, at=NOON)
    assert [await may(world.procurer_id, one) for one in (sent, newer)] == [True, False]


async def test_a_draft_shows_nothing_to_the_procurer(db, world):
    version_id = await p.a_document(db, world.owner)
    await registry.start_application(db, world.book, by=world.owner, at=NOON)
    assert not await documents.may_open(db, world.procurer_id, version_id, on=TODAY)


async def test_the_nights_work_reminds_closes_and_opens(fresh_database):
    """With a clock that is moved on, and real commits."""
    moment = [NOON]
    sessions = fresh_database.sessions
    async with sessions.begin() as db:
        world = await a_desk(db)
        world.book = await p.a_rulebook_of_papers(db, world.registrar)
        approval_id, _, document_id = await an_approved_firm(db, world)
    happened = {}
    for days in range(112):
        moment[0] = on_day(TODAY + timedelta(days=days))
        if changed := await jobs.look_after_documents(sessions, lambda: moment[0]):
            happened[days] = changed
    assert happened == {30: 1, 60: 1, 83: 1, 105: 1}
    async with sessions.begin() as db:
        assert await is_paused(db, approval_id) == [ReasonCode.EVIDENCE_EXPIRED]
        await renewed(
            db, document_id, world.owner, since=local_day(moment[0]), until=date(2027, 12, 31), at=moment[0]
        )
    assert await jobs.look_after_documents(sessions, lambda: moment[0]) == 1
    async with sessions.begin() as db:
        assert await is_paused(db, approval_id) == []
