"""What there is in a market that an address can name, and what each form must hold to be taken seriously.

A new kind of id or a new form with an id in its address needs its entry here; tests/web/test_tenants.py tells which.
"""

from datetime import datetime, timedelta
from uuid import UUID

from setori import dialogue, evidence, people, registry, settlement, vouchers
from setori.app import clock
from setori.days import local_day, month_of, noon
from setori.db import Database
from setori.dialogue import OpenDialogue, Shows, WriteRemark
from setori.people import Actor, Role
from setori.readmodels import consortia
from setori.registry import (
    AskForCompletion,
    CriterionKind,
    DecideApplication,
    DraftCriterion,
    DraftRulebook,
    FileAppeal,
    OpenHearing,
    PleadPause,
    ask_for_completion,
    assign,
    decide,
    draft_rulebook,
    file_appeal,
    open_hearing,
    pause_idle,
    plead,
)
from setori.settlement import ClosePeriod
from setori.vouchers import IssueVoucher
from tests.conftest import RealDatabase
from tests.domains import builders as a
from tests.domains import papers
from tests.domains.batching import batches_of, said_of_batches
from tests.outcomes import said_of_outcomes, some_claims
from tests.web.answered import a_client, a_disputed_session, a_notice, a_run, a_silent_session
from tests.web.concern_things import concern_things, reported_things, told_of_concerns
from tests.web.envelope_things import envelope_things, told_of_envelopes
from tests.web.guiding_things import guiding_things, said_of_guiding
from tests.web.joining_things import TOLD, joining_things
from tests.web.market_things import TOLD_OF_REMARKS, a_dialogue_that_is_over
from tests.web.meeting_things import meeting_things, told_of_meetings
from tests.world import Market, a_session

NUMBER = "1234567-1"
"""The Business ID of a firm that may be asked to deliver with others."""

DOCUMENT = {"issuer": "Vakuutus Oy", "valid_from": "1.1.2026", "valid_until": "31.12.2099"}

REASON = {"reason": "It was not as it should have been."}


def told_to(mine: Market) -> dict[str, dict[str, str]]:
    """What each form must hold to be taken seriously, in the words of somebody of this market."""
    choice = {"offering_id": str(mine.offering_id), "coach_id": str(mine.coach_id)}
    registrar = {"person_id": str(mine.actors[Role.REGISTRAR].person_id)}
    return told_of_meetings() | {
        "GET /wallet/{voucher_id}/choose": {"offering": str(mine.offering_id), "coach": str(mine.coach_id)},
        "POST /wallet/{voucher_id}/choice": choice,
        "POST /roles/{membership_id}": {},
        **(TOLD | TOLD_OF_REMARKS),
        **said_of_outcomes(),
        **told_of_concerns(),
        **said_of_guiding(mine),
        **told_of_envelopes(mine, in_days(200)),
        "POST /sessions/{redemption_id}/confirmation": {},
        "POST /sessions/{redemption_id}/dispute": {"kind": "otherwise", "words": "Not so."},
        "POST /provider/sessions/{session_id}/answer": {"words": "It was so."},
        "POST /procurer/disputes/{dispute_id}/decision": {"decision": "not_held", "words": "So."},
        "POST /procurer/samples/{redemption_id}/look": {"is_right": "true"},
        "POST /pulses/{pulse_id}": {"recommend": "5", "text": "It helped."},
        "POST /provider/sessions/{session_id}/reversal": REASON,
        "POST /provider/offerings/{offering_id}/removal": {},
        "POST /provider/rulebooks/{rulebook_id}/applications": {},
        "POST /provider/applications/{application_id}/answers": {"answers.N1": "5"},
        "POST /provider/applications/{application_id}/questions/{code}/document": {
            **DOCUMENT,
            "kind": "licence",
        },
        "POST /provider/documents/{document_id}/renewal": DOCUMENT,
        "POST /provider/documents/{document_id}/withdrawal": {},
        "POST /provider/documents/{document_id}/return": {},
        "POST /provider/applications/{application_id}/submission": {},
        "POST /provider/applications/{application_id}/withdrawal": {},
        "POST /provider/applications/{application_id}/appeal": {"demand": "Look at it again."},
        "POST /procurer/applications/{application_id}/check": {"outcome": "rejected", **REASON},
        "POST /procurer/applications/{application_id}/decision": {"outcome": "rejected", **REASON},
        "POST /procurer/applications/{application_id}/assessors": registrar,
        "POST /procurer/applications/{application_id}/assessors/removal": registrar,
        "POST /procurer/applications/{application_id}/assessment": {"met-N1": "yes", "do": "keep"},
        "POST /procurer/applications/{application_id}/completion": {
            "message": "Tell more.",
            "due_on": str(local_day(clock()) + timedelta(days=14)),
        },
        "POST /procurer/applications/{application_id}/taking-up": {},
        "POST /procurer/applications/{application_id}/appeal": {
            "received_on": str(local_day(clock())),
            "demand": "Look again.",
        },
        "POST /procurer/applications/{application_id}/appeal/outcome": {"outcome": "stands", **REASON},
        "POST /procurer/rulebooks/{rulebook_id}/publication": {},
        "POST /procurer/rulebooks/{rulebook_id}/discarding": {},
        "POST /procurer/rulebooks/{rulebook_id}/dialogue": {"closes_on": in_days(14), "shows": "at_once"},
        "POST /procurer/rulebooks/{rulebook_id}": {
            "do": "save",
            "service_id": str(mine.service_id),
            "title.fi": "Luonnos",
            "criteria.0.code": "D1",
            "criteria.0.kind": "declaration",
            "criteria.0.text.fi": "Vakuutus",
        },
        "POST /procurer/dialogues/{dialogue_id}/replies": {
            "about": "whole",
            "verdict": "accepted",
            "text": "It is as you say.",
        },
        "POST /procurer/dialogues/{dialogue_id}/deadline": {"closes_on": in_days(30)},
        "POST /dialogue/{dialogue_id}/remarks": {
            "kind": "comment",
            "text": "It is good as it is.",
            "name": "Ulla Ulkonen",
            "email": "ulla@example.fi",
        },
        "POST /procurer/approvals/{approval_id}/pause": {**REASON, "code": "other"},
        "POST /procurer/approvals/{approval_id}/resumption": {},
        "POST /procurer/approvals/{approval_id}/plea/refusal": {"reply": "Nothing has changed."},
        "POST /provider/approvals/{approval_id}/plea": {"plea": "We have coaches again."},
        **told_of_consortia(),
        "POST /procurer/approvals/{approval_id}/hearing": {
            **REASON,
            "code": "breach",
            "answer_by": str(local_day(clock()) + timedelta(days=14)),
        },
        "POST /procurer/approvals/{approval_id}/hearing/end": {},
        "POST /procurer/approvals/{approval_id}/suspension": {**REASON, "is_urgent": "true"},
        "POST /procurer/approvals/{approval_id}/reinstatement": REASON,
        "POST /procurer/adoptions/{their_approval_id}": REASON,
        "POST /procurer/adoptions/{their_approval_id}/invitation": {},
        "POST /provider/hearings/{hearing_id}": {"answer": "It was not so."},
        "POST /procurer/notices/{notice_id}/look": {"note": "We asked the firm."},
        "POST /procurer/vouchers/{voucher_id}/cancellation": REASON,
        "POST /procurer/vouchers/{voucher_id}/extension": {**REASON, "expires_on": in_days(400)},
        **said_of_batches(REASON),
        "POST /procurer/programmes/{programme_id}/grants": {"amount_euros": "100,00", "reason": "Sample"},
        "POST /procurer/programmes/{programme_id}/closing": {},
        "POST /procurer/programmes/{programme_id}/opening": {},
        "POST /procurer/programmes/{programme_id}/cuts": {"amount_euros": "1,00", "reason": "Sample"},
        "POST /procurer/programmes/{programme_id}/terms": {
            "gives": "units",
            "units": "3",
            "price_cap_euros": "80,00",
            "validity_days": "90",
        },
        "POST /procurer/statements/{statement_id}/approval": {},
        "POST /procurer/statements/{statement_id}/payment/question": {},
        "POST /procurer/statements/{statement_id}/payment/unpaid": REASON,
        "POST /procurer/imports/{run_id}/start": {},
        "POST /procurer/imports/{run_id}/undo": {},
        "POST /api/v1/vouchers/{voucher_id}/choice": choice,
        "POST /api/v1/redemptions/{redemption_id}/confirmation": {},
        "POST /api/v1/redemptions/{redemption_id}/dispute": {"words": "Not so."},
        "POST /api/v1/redemptions/{redemption_id}/reversal": REASON,
        "PUT /api/v1/redemptions/{redemption_id}": {
            "voucher_code": mine.code,
            "service_day": str(local_day(clock())),
        },
    }


def told_of_consortia() -> dict[str, dict[str, str]]:
    """The forms about firms that deliver together; the one asked is `another_firm`."""
    terms = {"part": "member", "task": "administration"}
    asked = {**terms, "business_id": NUMBER}
    return {
        "POST /provider/applications/{application_id}/partners": asked,
        "POST /provider/approvals/{approval_id}/partners": asked,
        "POST /provider/changes/{change_id}/answer": {"answer": "yes"},
        "POST /provider/changes/{change_id}/withdrawal": {},
        "POST /provider/partners/{partner_id}/changes": terms,
        "POST /provider/partners/{partner_id}/removal": REASON,
        "POST /provider/partners/{partner_id}/leaving": {**REASON, "last_on": in_days(10)},
        "POST /procurer/changes/{change_id}/decision": {"outcome": "approved"},
    }


def in_days(days: int) -> str:
    return str(local_day(clock()) + timedelta(days=days))


Things = dict[str, dict[str, UUID]]
"""By the name that an address gives to an id: what there is of that kind, each with a name of its own."""


async def all_things(database: RealDatabase, market: Market, key: bytes) -> Things:
    """At least one thing of every kind that an address can name."""
    at, then = clock(), noon(market.starts_on)
    month = month_of(market.starts_on)
    registrar, owner = market.actors[Role.REGISTRAR], market.actors[Role.PROVIDER_OWNER]
    claims = await some_claims(database, market, key)
    settled = await a_session(database.sessions, market, at=then, confirmed=True, key=key)
    async with database.sessions.begin() as db:
        (statement,) = await settlement.close_period(
            db, ClosePeriod(month=month), by=market.actors[Role.FINANCE], at=at
        )
        rulebooks = [
            await a.a_rulebook(db, registrar, await a.a_service(db, service, at=at), at=at)
            for service in ("career-guidance", "study-guidance", "work-trial", "digital-skills")
        ]
        criterion = DraftCriterion(code="D1", kind=CriterionKind.DECLARATION, text={"fi": "Vakuutus"})
        unpublished = DraftRulebook(
            service_id=market.service_id, title={"fi": "Luonnos"}, criteria=[criterion]
        )
        order = IssueVoucher(programme_id=market.programme_id, name="Eero Oja", email="eero@example.fi")
        desk = market.actors[Role.CASE_WORKER]
        (membership,) = await people.list_memberships(db, registrar.person_id)
        applications = {
            "application begun": await a.an_application(db, rulebooks[1], owner, sent=False, at=at),
            "application sent": await a.an_application(db, rulebooks[2], owner, at=at),
            **await applications_at_the_desk(db, registrar, owner, at=at),
        }
        approval = await a.an_approval(db, rulebooks[3], market.provider_id, at=at)
        heard = await a.an_approval(
            db,
            await a.a_rulebook(db, registrar, await a.a_service(db, "heard", at=at), at=at),
            market.provider_id,
            at=at,
        )
        idle = await an_idle_approval(db, registrar, owner, at=at)
        together = await a_consortium(db, registrar, owner, at=at)
        told = OpenHearing(reason="Sessions were not held.", answer_by=local_day(at) + timedelta(days=14))
        hearing = await open_hearing(db, heard, told, by=registrar, at=at)
        elsewhere = await an_approval_elsewhere(db, registrar, market.provider_id, at=at)
        runs = {
            "import checked": await a_run(db, registrar, at=at),
            "import done": await a_run(db, registrar, done=True, at=at),
        }
        drafts = [await draft_rulebook(db, unpublished, by=registrar, at=at) for _ in range(4)]
        *drafts, asked_about = drafts
        opened = OpenDialogue(closes_on=local_day(at) + timedelta(days=14), shows=Shows.AT_ONCE)
        talk = await dialogue.open_dialogue(db, asked_about, opened, by=registrar, at=at)
        await dialogue.remark(db, talk, WriteRemark(text="Good as it is."), by=owner, at=at)
        asked = await dialogue.remark(db, talk, WriteRemark(kind="question", text="Why?"), by=owner, at=at)
        talked = await a_dialogue_that_is_over(db, registrar, criterion, begun=then, at=at)
        notice = await a_notice(db, registrar, market.provider_id, at=at)
        version, sent, asks = await papers.a_sent_document(db, registrar, owner, at=at)
        known = await evidence.list_versions(db, [version], provider_id=market.provider_id)
        met = await meeting_things(db, market, key) | await guiding_things(db, market, key)
        met |= await envelope_things(db, market, at=at) | await concern_things(db, market)
        joined = await joining_things(db, market, at=at)
        letter = (await vouchers.issue(db, order, key=key, by=desk, at=at)).voucher_id
    sessions = {
        "session settled": settled,
        "session that waits": await a_session(database.sessions, market, at=at, key=key),
        "session confirmed": await a_session(database.sessions, market, at=at, confirmed=True, key=key),
        "session disputed": await a_disputed_session(database, market, key, at=at),
        "session confirmed by silence": await a_silent_session(database, market, key, at=at),
    }
    async with database.sessions.begin() as db:
        pulse = await reported_things(db, market, sessions["session confirmed"], at=at)
    return {
        **joined,
        **pulse,
        "membership_id": {"membership": membership.id, **joined["membership_id"]},
        "offering_id": {"offering": market.offering_id},
        "provider_id": {"provider": market.provider_id},
        "rulebook_id": {
            "published rulebook": rulebooks[0],
            **{f"draft {n}": draft for n, draft in enumerate(drafts)},
        },
        "dialogue_id": {"dialogue": talk, "dialogue that is over": talked},
        "remark_id": {"question": asked},
        "voucher_id": {"voucher in use": market.voucher_id, "voucher in a letter": letter, **claims.free},
        "claim_id": claims.by_name,
        "clawback_id": {"clawback": claims.clawback},
        "coach_id": {"coach": market.coach_id},
        "choice_id": {"client": await a_client(database, market)},
        "redemption_id": sessions,
        "dispute_id": {"dispute": await a_disputed_session(database, market, key, at=at)},
        "session_id": sessions,
        "statement_id": {"statement": statement},
        "application_id": applications
        | {"application of a consortium": together["application"]}
        | {"application with a document": sent, "application that asks one": asks},
        "document_id": {"document": known[version].document_id},
        "version_id": {"version of a document": version},
        "approval_id": {
            "approval": approval,
            "approval without delivery": idle,
            "approval of a consortium": together["approval"],
        },
        "change_id": {called: id for called, id in together.items() if called.startswith("change")},
        "partner_id": {called: id for called, id in together.items() if called.startswith("partner")},
        **met,
        "their_approval_id": {"approval elsewhere": elsewhere},
        "hearing_id": {"hearing": hearing},
        "programme_id": {"programme": market.programme_id},
        "batch_id": await batches_of(database, market, key, at=at),
        "run_id": runs,
        "notice_id": {"task": notice},
    }


async def applications_at_the_desk(
    db: Database, registrar: Actor, owner: Actor, *, at: datetime
) -> dict[str, UUID]:
    """An application that waits, one decided, one late, one that the registrar assesses, one appealed against."""
    begun = at - timedelta(days=20)
    found = {}
    for called in ("waits", "is decided", "is late", "is assessed", "is appealed"):
        service = await a.a_service(db, f"application-{called.replace(' ', '-')}", at=begun)
        rulebook_id = await a.a_rulebook(db, registrar, service, at=begun)
        found[f"application that {called}"] = await a.an_application(db, rulebook_id, owner, at=begun)
    _, decided, late, assessed, appealed = found.values()
    order = DecideApplication(outcome="rejected", reason="Not now.")
    for one in (decided, appealed):
        await decide(db, one, order, by=registrar, at=at)
    await file_appeal(db, appealed, FileAppeal(demand="Look at it again."), by=owner, at=at)
    ask = AskForCompletion(message="Tell more.", due_on=local_day(begun) + timedelta(days=7))
    await ask_for_completion(db, late, ask, by=registrar, at=begun)
    await assign(db, assessed, registrar.person_id, by=registrar, at=at)
    return found


async def an_idle_approval(db: Database, registrar: Actor, owner: Actor, *, at: datetime) -> UUID:
    """An approval closed because nothing was delivered, whose provider asks to be opened again."""
    assert owner.organisation_id
    rulebook = await a.a_rulebook(db, registrar, await a.a_service(db, "idle", at=at), at=at)
    approval = await a.an_approval(db, rulebook, owner.organisation_id, at=at)
    await pause_idle(db, [approval], at=at)
    await plead(db, approval, PleadPause(plea="We have coaches again."), by=owner, at=at)
    return approval


async def a_consortium(db: Database, registrar: Actor, owner: Actor, *, at: datetime) -> dict[str, UUID]:
    """Two approvals under one rulebook, of the market's firm and of another, each with the other in it."""
    assert owner.organisation_id
    criterion = DraftCriterion(code="D1", kind=CriterionKind.DECLARATION, text={"fi": "Vakuutus"})
    rulebooks = []
    for called in ("consortium", "consortium-applied"):
        told = DraftRulebook(
            service_id=await a.a_service(db, called, at=at),
            title={"fi": "Ryhmittymä"},
            criteria=[criterion],
            allows_consortia=True,
        )
        rulebooks.append(await draft_rulebook(db, told, by=registrar, at=at))
        await registry.publish_rulebook(db, rulebooks[-1], by=registrar, at=at)
    firms = []
    for name, number in (("Apuri Oy", NUMBER), *((f"Apuri {n} Oy", a.a_business_id()) for n in (2, 3, 4, 5))):
        order = registry.AddProvider(name=name, business_id=number)
        firm = await a.an_actor(db, Role.PROVIDER_OWNER, await registry.add_provider(db, order, at=at), at=at)
        firms.append((firm, number))
    (other, _), *_ = firms
    assert other.organisation_id
    approval = await a.an_approval(db, rulebooks[0], owner.organisation_id, at=at)
    theirs = await a.an_approval(db, rulebooks[0], other.organisation_id, at=at)
    own_number = (await people.find_organisation(db, owner.organisation_id)).business_id
    yes, approved = registry.AnswerInvitation(answer="yes"), registry.DecideChange(outcome="approved")

    async def ask(under: UUID, by: Actor, number: str | None, firm: Actor | None) -> UUID:
        asked = {"part": "member", "task": "administration", "business_id": number}
        order = registry.InvitePartner.model_validate(asked)
        change = await registry.invite_to_approval(db, under, order, by=by, at=at)
        if firm is not None:
            await registry.answer_invitation(db, change, yes, by=firm, at=at)
        return change

    found = {"approval": approval}
    for n, (firm, number) in enumerate(firms[1:3]):
        change = await ask(approval, owner, number, firm)
        await registry.decide_change(db, change, approved, by=registrar, at=at)
        found[f"partner {n}"] = (await consortia.list_partners(db, [approval], on=local_day(at)))[approval][
            -1
        ].id
    found["change that waits"] = await ask(approval, owner, firms[3][1], firms[3][0])
    found["change to take back"] = await ask(approval, owner, firms[4][1], None)
    change = await ask(theirs, other, own_number, owner)
    await registry.decide_change(db, change, approved, by=registrar, at=at)
    found["partner that we are"] = (await consortia.list_partners(db, [theirs], on=local_day(at)))[theirs][
        0
    ].id
    third = await a.an_approval(db, rulebooks[0], firms[1][0].organisation_id or approval, at=at)
    found["change that asks us"] = await ask(third, firms[1][0], own_number, None)
    found["application"] = await registry.start_application(db, rulebooks[1], by=owner, at=at)
    return found


async def an_approval_elsewhere(db: Database, registrar: Actor, provider_id: UUID, *, at: datetime) -> UUID:
    """The same provider, approved by a third procurer for a service that this market has a rulebook for too."""
    service = await a.a_service(db, "adopted", at=at)
    await a.a_rulebook(db, registrar, service, at=at)
    await a.an_area(db, "0007", "Kolmas")
    third = await a.a_procurer(db, "0007", "Kolmas alue", at=at)
    theirs = await a.an_actor(db, Role.REGISTRAR, third, at=at)
    return await a.an_approval(db, await a.a_rulebook(db, theirs, service, at=at), provider_id, at=at)
