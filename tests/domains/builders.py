"""What tests are made of. Everything is built by the domains' own operations, so no impossible state can be built."""

from datetime import UTC, datetime
from itertools import count
from uuid import UUID

from setori import catalogue, people, places, registry, vouchers
from setori.catalogue import AddCoach, AddService, PublishOffering
from setori.days import local_day
from setori.db import new_id, wire_of
from setori.people import Actor, AddOrganisation, AddPerson, OrganisationKind, Role
from setori.registry import (
    AddProvider,
    AnswerCriteria,
    ApproveDirectly,
    CriterionKind,
    DraftCriterion,
    DraftRulebook,
)
from setori.vouchers import ChooseOffering, IssueVoucher, RedeemVoucher, StartProgramme

NOON = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
"""Noon in Finland on Monday 2 March 2026."""

KEY = b"a key of the tests"

_numbers = count(1)


async def a_person(db, name="Aino Virtanen", *, at=NOON) -> UUID:
    """Somebody with an address of their own."""
    email = f"person{next(_numbers)}@example.fi"
    return await people.add_person(db, AddPerson(name=name, email=email), at=at)


async def an_actor(
    db, role: Role, organisation_id: UUID | None = None, name="Aino Virtanen", *, at=NOON
) -> Actor:
    """Somebody who acts in a role."""
    person_id = await a_person(db, name, at=at)
    await people.add_member(db, person_id, organisation_id, role, at=at)
    return Actor(person_id, role, organisation_id, name, "fi")


async def an_area(db, code="0011", name="Pirkanmaa") -> str:
    """An employment area."""
    await places.load_areas(db, {code: {"fi": name, "en": name}})
    return code


async def a_procurer(db, code="0011", name="Pirkanmaan työllisyysalue", *, at=NOON) -> UUID:
    """A procurer with an employment area."""
    order = AddOrganisation(
        kind=OrganisationKind.PROCURER,
        name=name,
        business_id=a_business_id(),
        area_code=await an_area(db, code, name),
    )
    return await people.add_organisation(db, order, at=at)


def a_business_id() -> str:
    """The next Business ID whose check figure is right (weights 7 9 10 5 8 4 2 modulo 11)."""
    while True:
        stem = f"{7000000 + next(_numbers)}"
        rest = sum(int(d) * w for d, w in zip(stem, (7, 9, 10, 5, 8, 4, 2), strict=True)) % 11
        if rest != 1:
            return f"{stem}-{0 if rest == 0 else 11 - rest}"


async def a_service(db, code="job-coaching", *, at=NOON) -> UUID:
    """A service, the same one for the same code."""
    name = {"fi": "Työhönvalmennus", "en": "Job coaching"}
    return await catalogue.add_service(db, AddService(code=code, name=name), at=at)


async def a_provider(db, name="Suunta Oy", *, at=NOON) -> UUID:
    """A provider with a Business ID of its own."""
    order = AddProvider(name=name, business_id=a_business_id(), city="Tampere", iban="FI2112345600000785")
    return await registry.add_provider(db, order, at=at)


async def a_rulebook(db, registrar: Actor, service_id: UUID, *, at=NOON) -> UUID:
    """A published rulebook: a declaration (D1), a number of 2 to 50 (N1), optional words (T1), an id (R1)."""
    criteria = [
        DraftCriterion(code="D1", kind=CriterionKind.DECLARATION, text={"fi": "Vakuutus on voimassa"}),
        DraftCriterion(
            code="N1", kind=CriterionKind.NUMBER, minimum=2, maximum=50, text={"fi": "Valmentajia"}
        ),
        DraftCriterion(code="T1", kind=CriterionKind.TEXT, mandatory=False, text={"fi": "Kerro itsestäsi"}),
        DraftCriterion(code="R1", kind=CriterionKind.REGISTRY_CHECK, text={"fi": "Y-tunnus"}),
    ]
    order = DraftRulebook(service_id=service_id, title={"fi": "Sääntökirja"}, criteria=criteria)
    rulebook_id = await registry.draft_rulebook(db, order, by=registrar, at=at)
    await registry.publish_rulebook(db, rulebook_id, by=registrar, at=at)
    return rulebook_id


async def an_application(db, rulebook_id: UUID, owner: Actor, *, sent=True, at=NOON) -> UUID:
    """An application with every mandatory answer, sent unless said otherwise."""
    application_id = await registry.start_application(db, rulebook_id, by=owner, at=at)
    answers = AnswerCriteria(answers={"D1": "yes", "N1": "4"})
    await registry.answer(db, application_id, answers, by=owner, at=at)
    if sent:
        await registry.submit(db, application_id, by=owner, at=at)
    return application_id


async def an_approval(db, rulebook_id: UUID, provider_id: UUID, *, starts_on=None, at=NOON) -> UUID:
    """An approval in force, without the paperwork."""
    order = ApproveDirectly(
        provider_id=provider_id,
        rulebook_id=rulebook_id,
        starts_on=starts_on or local_day(at),
        reason="Taken over from the former register.",
    )
    return await registry.approve_directly(db, order, at=at)


async def a_coach(db, provider_id: UUID, name="Maija Mäkelä", *, at=NOON, **told) -> UUID:
    """A coach of a provider."""
    return await catalogue.add_coach(db, AddCoach(provider_id=provider_id, name=name, **told), at=at)


async def an_offering(db, owner: Actor, service_id: UUID, coach_ids=(), *, at=NOON, **told) -> UUID:
    """An offering in Finnish, in person, in Pirkanmaa, at 80 euros a session, unless told otherwise."""
    plain = {
        "title": {"fi": "Työhönvalmennus nuorille", "en": "Job coaching for the young"},
        "price_cents": 80_00,
        "languages": ["fi"],
        "ways": ["in_person"],
        "area_codes": ["0011"],
    }
    order = PublishOffering(service_id=service_id, coach_ids=list(coach_ids), **(plain | told))
    return await catalogue.publish_offering(db, order, by=owner, at=at)


async def a_session(
    db, procurer_id: UUID, registrar: Actor, owner: Actor, offering_id, coach_id=None, *, at=NOON
):
    """A session that a coach has recorded on a new voucher. Returns the redemption's id and the jobseeker."""
    terms = await catalogue.find_terms(db, offering_id, coach_id)
    desk = await an_actor(db, Role.CASE_WORKER, procurer_id)
    start = StartProgramme(
        service_id=terms.service_id,
        name={"fi": "Valmennus"},
        units=10,
        price_cap_cents=100_00,
        validity_days=90,
        budget_cents=5_000_00,
    )
    programme_id = await vouchers.start_programme(db, start, by=desk, at=at)
    order = IssueVoucher(
        programme_id=programme_id, name="Aino Virtanen", email=f"holder{next(_numbers)}@example.fi"
    )
    issued = await vouchers.issue(db, order, key=KEY, by=desk, at=at)
    holder = Actor(issued.person_id, Role.JOBSEEKER, None, "Aino Virtanen", "fi")
    await vouchers.claim(db, issued.claim_token, at=at)
    choice = ChooseOffering(offering_id=offering_id, coach_id=coach_id)
    await vouchers.choose(db, issued.voucher_id, choice, by=holder, at=at)
    redemption_id = new_id()
    held = RedeemVoucher(voucher_code=issued.code, service_day=local_day(at))
    await vouchers.redeem(await wire_of(db), redemption_id, held, key=KEY, by=owner, at=at)
    return redemption_id, holder
