"""Coming in: a letter lets one person begin to act for one firm, once, and only whom it was written to."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from pydantic import ValidationError
from sqlalchemy import text

from setori import joining, people, registry
from setori.errors import Forbidden, Invalid, NotFound
from setori.joining import (
    AlreadyMember,
    AskToRegister,
    FirmIsHere,
    HasOwner,
    InvitationOver,
    InvitationSpent,
    InvitationState,
    InviteFirm,
    InviteMember,
    LastOwner,
    OwnerIsHere,
    RegisterFirm,
    SignInFirst,
)
from setori.people import Role
from tests.domains import builders as a
from tests.domains.builders import NOON

ASKED = AskToRegister(name="Tuire Testi", email="tuire@example.fi")
LATER = NOON + timedelta(days=13)
TOO_LATE = NOON + timedelta(days=14)


def a_firm(business_id: str | None = None, **others: object) -> RegisterFirm:
    told = {"business_id": business_id or a.a_business_id(), "name": "Testi Oy", "own_name": "Tuire Testi"}
    return RegisterFirm.model_validate({**told, "may_act": "yes", **others})


def a_colleague(email: str = "kalle@example.fi", role: Role = Role.COACH) -> InviteMember:
    return InviteMember.model_validate({"name": "Kalle Kollega", "email": email, "role": role})


async def token_of(db, email: str) -> str:
    """The secret in the newest letter to an address."""
    listed = (await people.list_outbox(db)).items
    return str(
        next(mail for mail in listed if mail.email == email and "token" in mail.params).params["token"]
    )


async def an_owner(db, firm: UUID | None = None):
    return await a.an_actor(db, Role.PROVIDER_OWNER, firm or await a.a_provider(db))


async def test_a_firm_registers_itself_and_its_owner_is_in(db):
    await joining.ask_to_register(db, ASKED, at=NOON)
    token = await token_of(db, "tuire@example.fi")
    seen = await joining.look_at_invitation(db, token, at=LATER)
    assert (seen.organisation_id, seen.procurer_name, seen.state) == (None, "", InvitationState.WAITING)

    order = a_firm(own_name="Tuire Tarkka")
    secret, who = await joining.register_firm(db, token, order, by=None, at=LATER)

    assert await people.find_sign_in(db, secret, at=LATER) == who
    assert (who.role, who.name) == (Role.PROVIDER_OWNER, "Tuire Tarkka")
    profile = await registry.find_profile(db, by=who)
    assert (profile.name, profile.business_id) == ("Testi Oy", order.business_id)
    came = await joining.find_registration(db, profile.provider_id)
    assert came is not None
    assert (came.name, came.at, came.procurer_name) == ("Tuire Tarkka", LATER, "")
    with pytest.raises(InvitationSpent):
        await joining.register_firm(db, token, a_firm(), by=who, at=LATER)


async def test_a_letter_is_good_for_two_weeks_and_only_the_newest_one(db):
    await joining.ask_to_register(db, ASKED, at=NOON)
    first = await token_of(db, "tuire@example.fi")
    with pytest.raises(InvitationSpent):
        await joining.register_firm(db, first, a_firm(), by=None, at=TOO_LATE)
    await joining.ask_to_register(db, ASKED, at=TOO_LATE)
    for bad in (first, "", "x" * 43):
        with pytest.raises(InvitationSpent):
            await joining.look_at_invitation(db, bad, at=TOO_LATE)
    held = text(
        "select count(*) from invitation i join person p on p.id = i.person_id where p.email = :email"
    )
    assert (await db.exec(held, params={"email": ASKED.email})).scalar_one() == 1, "the same one, sent again"


async def test_a_firm_that_is_here_is_not_registered_again(db):
    firm = await a.a_provider(db)
    known = (await people.find_organisation(db, firm)).business_id
    await joining.ask_to_register(db, ASKED, at=NOON)
    token = await token_of(db, "tuire@example.fi")
    with pytest.raises(FirmIsHere) as refused:
        await joining.register_firm(db, token, a_firm(known), by=None, at=NOON)
    assert set(refused.value.errors) == {"business_id"}


async def test_who_may_not_act_for_the_firm_does_not_register_it(db):
    for said in ("no", False):
        with pytest.raises(ValidationError, match="may act for the firm"):
            a_firm(may_act=said)
    with pytest.raises(ValidationError, match="may act for the firm"):
        RegisterFirm(business_id=a.a_business_id(), name="Testi Oy", own_name="Tuire")  # type: ignore[call-arg]


async def test_a_registrar_asks_a_firm_to_a_rulebook_and_sees_what_became_of_it(db):
    procurer = await a.a_procurer(db)
    registrar = await a.an_actor(db, Role.REGISTRAR, procurer)
    book = await a.a_rulebook(db, registrar, await a.a_service(db))
    order = InviteFirm(firm_name="Testi Oy", name="Tuire", email=ASKED.email, rulebook_id=book)
    id = await joining.invite_firm(db, order, by=registrar, at=NOON)
    assert await joining.invite_firm(db, order, by=registrar, at=NOON) == id, "asked twice it is one letter"
    listed = (await joining.list_invitations(db, by=registrar, at=NOON)).items
    assert [(one.firm_name, one.state) for one in listed] == [("Testi Oy", InvitationState.WAITING)]

    token = await token_of(db, ASKED.email)
    seen = await joining.look_at_invitation(db, token, at=NOON)
    assert seen.next_path == f"/provider/rulebooks/{book}"
    _, owner = await joining.register_firm(db, token, a_firm(name="Testi & Testi Oy"), by=None, at=LATER)

    (one,) = (await joining.list_invitations(db, by=registrar, at=LATER)).items
    assert (one.firm_name, one.state) == ("Testi & Testi Oy", InvitationState.ACCEPTED)
    came = await joining.find_registration(db, owner.organisation_id)
    assert came is not None
    assert came.procurer_name == "Pirkanmaan työllisyysalue"
    for act in (joining.send_again, joining.take_back):
        with pytest.raises(OwnerIsHere):
            await act(db, id, by=registrar, at=LATER)


async def test_only_registrars_ask_firms_and_only_to_their_own_rulebooks(db):
    procurer = await a.a_procurer(db)
    registrar = await a.an_actor(db, Role.REGISTRAR, procurer)
    service = await a.a_service(db)
    theirs = await a.an_actor(db, Role.REGISTRAR, await a.a_procurer(db, "0012", "Toinen alue"))
    book = await a.a_rulebook(db, theirs, service)
    asked = {"firm_name": "Testi Oy", "name": "Tuire", "email": ASKED.email}
    with pytest.raises(Invalid) as refused:
        await joining.invite_firm(db, InviteFirm(**asked, rulebook_id=book), by=registrar, at=NOON)
    assert set(refused.value.errors) == {"rulebook_id"}
    for role, organisation in ((Role.CASE_WORKER, procurer), (Role.PROVIDER_OWNER, await a.a_provider(db))):
        other = await a.an_actor(db, role, organisation)
        with pytest.raises(Forbidden):
            await joining.invite_firm(db, InviteFirm(**asked), by=other, at=NOON)
        with pytest.raises(Forbidden):
            await joining.list_invitations(db, by=other, at=NOON)


async def test_an_imported_firm_gets_its_owner_from_who_approved_it_and_only_once(db):
    procurer = await a.a_procurer(db)
    registrar = await a.an_actor(db, Role.REGISTRAR, procurer)
    book = await a.a_rulebook(db, registrar, await a.a_service(db))
    firm = await a.a_provider(db)
    asked = InviteFirm(firm_name="?", name="Tuire", email=ASKED.email, provider_id=firm)
    with pytest.raises(HasOwner):
        await joining.invite_firm(db, asked, by=registrar, at=NOON)  # not approved here
    await a.an_approval(db, book, firm)
    assert await joining.has_nobody(db, firm, by=registrar)
    await joining.invite_firm(db, asked, by=registrar, at=NOON)
    _, owner = await joining.enter(db, await token_of(db, ASKED.email), by=None, at=NOON)
    assert (owner.organisation_id, owner.role) == (firm, Role.PROVIDER_OWNER)
    assert not await joining.has_nobody(db, firm, by=registrar)
    with pytest.raises(NotFound):
        await joining.find_invitable(db, firm, by=registrar)
    with pytest.raises(HasOwner):
        await joining.invite_firm(db, asked, by=registrar, at=NOON)


async def test_an_owner_invites_a_colleague_who_begins_as_what_was_said(db):
    owner = await an_owner(db)
    await joining.invite_member(db, a_colleague(), by=owner, at=NOON)
    assert [one.state for one in await joining.list_open(db, by=owner, at=NOON)] == [InvitationState.WAITING]
    assert [one.state for one in await joining.list_open(db, by=owner, at=TOO_LATE)] == [InvitationState.LATE]
    token = await token_of(db, "kalle@example.fi")
    with pytest.raises(InvitationSpent):
        await joining.register_firm(db, token, a_firm(), by=None, at=NOON)
    _, who = await joining.enter(db, token, by=None, at=NOON)
    assert (who.role, who.organisation_id) == (Role.COACH, owner.organisation_id)
    assert await joining.list_open(db, by=owner, at=NOON) == []
    with pytest.raises(InvitationSpent):
        await joining.enter(db, token, by=who, at=NOON)
    with pytest.raises(AlreadyMember):
        await joining.invite_member(db, a_colleague(), by=owner, at=NOON)


async def test_coaches_let_nobody_in_and_nobody_touches_anothers_letters(db):
    owner, stranger = await an_owner(db), await an_owner(db)
    coach = await a.an_actor(db, Role.COACH, owner.organisation_id)
    id = await joining.invite_member(db, a_colleague(), by=owner, at=NOON)
    with pytest.raises(Forbidden):
        await joining.invite_member(db, a_colleague("muu@example.fi"), by=coach, at=NOON)
    registrar = await a.an_actor(db, Role.REGISTRAR, await a.a_procurer(db))
    for other in (stranger, coach, registrar):
        for act in (joining.send_again, joining.take_back):
            for letter in (id, uuid4()):
                with pytest.raises(NotFound):
                    await act(db, letter, by=other, at=NOON)


async def test_a_letter_that_was_taken_back_lets_nobody_in(db):
    owner = await an_owner(db)
    id = await joining.invite_member(db, a_colleague(), by=owner, at=NOON)
    token = await token_of(db, "kalle@example.fi")
    await joining.take_back(db, id, by=owner, at=NOON)
    await joining.take_back(db, id, by=owner, at=NOON)
    with pytest.raises(InvitationSpent):
        await joining.enter(db, token, by=None, at=NOON)
    with pytest.raises(InvitationOver):
        await joining.send_again(db, id, by=owner, at=NOON)
    assert await joining.invite_member(db, a_colleague(), by=owner, at=NOON) != id


async def test_a_letter_sent_again_is_good_again_and_the_former_one_is_not(db):
    owner = await an_owner(db)
    id = await joining.invite_member(db, a_colleague(), by=owner, at=NOON)
    first = await token_of(db, "kalle@example.fi")
    await joining.send_again(db, id, by=owner, at=TOO_LATE)
    with pytest.raises(InvitationSpent):
        await joining.enter(db, first, by=None, at=TOO_LATE)
    second = await token_of(db, "kalle@example.fi")
    _, who = await joining.enter(db, second, by=None, at=TOO_LATE + timedelta(days=13))
    assert who.role is Role.COACH


async def test_who_has_been_in_before_comes_in_by_an_own_link_first(db):
    """A letter lies in a mailbox for two weeks: it is no way into what its reader may do elsewhere."""
    approver = await a.an_actor(db, Role.APPROVER, await a.a_procurer(db))
    email = (await people.find_person(db, approver.person_id)).email
    owner = await an_owner(db)
    await joining.invite_member(db, a_colleague(email), by=owner, at=NOON)
    token = await token_of(db, email)
    for by in (None, owner):
        with pytest.raises(SignInFirst):
            await joining.enter(db, token, by=by, at=NOON)
    _, who = await joining.enter(db, token, by=approver, at=NOON)
    assert (who.person_id, who.organisation_id) == (approver.person_id, owner.organisation_id)
    assert (await people.find_person(db, approver.person_id)).name == "Aino Virtanen", (
        "a known one's name is left"
    )


async def test_a_role_ends_with_its_sign_ins_and_a_firm_keeps_an_owner(db):
    owner = await an_owner(db)
    await joining.invite_member(db, a_colleague(), by=owner, at=NOON)
    secret, who = await joining.enter(db, await token_of(db, "kalle@example.fi"), by=None, at=NOON)
    (mine,) = [one.id for one in await people.list_memberships(db, owner.person_id)]
    (theirs,) = [one.id for one in await people.list_memberships(db, who.person_id)]
    with pytest.raises(Forbidden):
        await joining.let_go(db, mine, by=who, at=NOON)
    with pytest.raises(NotFound):
        await joining.let_go(db, theirs, by=await an_owner(db), at=NOON)
    with pytest.raises(LastOwner):
        await joining.let_go(db, mine, by=owner, at=NOON)

    await joining.let_go(db, theirs, by=owner, at=NOON)

    assert await people.find_sign_in(db, secret, at=NOON) is None
    with pytest.raises(NotFound):
        await joining.let_go(db, theirs, by=owner, at=NOON)
    await joining.invite_member(db, a_colleague(), by=owner, at=NOON)
    again = await token_of(db, "kalle@example.fi")
    with pytest.raises(SignInFirst):  # has been in, and acts for nobody now
        await joining.enter(db, again, by=None, at=NOON)


async def test_who_acts_for_nobody_any_more_can_still_come_by_an_own_link(db):
    owner = await an_owner(db)
    await joining.invite_member(db, a_colleague(), by=owner, at=NOON)
    _, who = await joining.enter(db, await token_of(db, "kalle@example.fi"), by=None, at=NOON)
    held = next(one.id for one in await people.list_memberships(db, who.person_id))
    await joining.let_go(db, held, by=owner, at=NOON)
    await joining.invite_member(db, a_colleague(), by=owner, at=NOON)
    letter = await token_of(db, "kalle@example.fi")
    await people.request_sign_in(
        db, "kalle@example.fi", at=NOON, next_path=f"/join/invitation?token={letter}"
    )
    own = await token_of(db, "kalle@example.fi")
    assert own != letter
    with pytest.raises(people.LinkSpent):
        await people.sign_in(db, own, at=NOON, demo=False)


async def test_letters_are_not_sent_without_end(db):
    owner = await an_owner(db)
    for number in range(10):
        await joining.invite_member(db, a_colleague(f"k{number}@example.fi"), by=owner, at=NOON)
    with pytest.raises(people.TooOften):
        await joining.invite_member(db, a_colleague("k10@example.fi"), by=owner, at=NOON)
