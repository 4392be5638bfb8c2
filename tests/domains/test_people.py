"""People: ways in open for the right person, once, and close in time."""

from datetime import timedelta

import pytest
from pydantic import ValidationError
from sqlalchemy import text

from setori import people
from setori.db import wire_of
from setori.errors import NotFound
from setori.people import AddOrganisation, AddPerson, LinkSpent, OrganisationKind, Role
from tests.domains.builders import NOON, a_business_id, a_person, a_procurer, an_actor


async def test_a_link_lets_its_person_in_once(db):
    actor = await an_actor(db, Role.JOBSEEKER)
    token = await people.mint_link(db, actor.person_id, None, at=NOON, next_path="/wallet")
    assert (await people.look_at_link(db, token, at=NOON)).next_path == "/wallet"

    secret, who = await people.sign_in(db, token, at=NOON, demo=False)

    assert who == actor
    assert await people.find_sign_in(db, secret, at=NOON) == actor
    with pytest.raises(LinkSpent):
        await people.sign_in(db, token, at=NOON, demo=True)
    with pytest.raises(LinkSpent):
        await people.look_at_link(db, token, at=NOON)


async def test_a_link_is_too_old_after_ten_minutes(db):
    actor = await an_actor(db, Role.JOBSEEKER)
    token = await people.mint_link(db, actor.person_id, None, at=NOON)
    with pytest.raises(LinkSpent):
        await people.sign_in(db, token, at=NOON + timedelta(minutes=10), demo=False)


async def test_a_demo_link_works_many_times_and_only_in_the_demo(db):
    actor = await an_actor(db, Role.JOBSEEKER)
    token = await people.mint_link(db, actor.person_id, None, at=NOON, for_demo=True)
    with pytest.raises(LinkSpent):
        await people.sign_in(db, token, at=NOON, demo=False)
    first, _ = await people.sign_in(db, token, at=NOON, demo=True)
    second, _ = await people.sign_in(db, token, at=NOON + timedelta(days=30), demo=True)
    assert first != second


async def test_a_link_never_leads_to_another_site(db):
    actor = await an_actor(db, Role.JOBSEEKER)
    for bad in ("//evil.example", "https://evil.example", "/\\evil.example", "/a\nb", "/" + "a" * 300):
        token = await people.mint_link(db, actor.person_id, None, at=NOON, next_path=bad)
        assert (await people.look_at_link(db, token, at=NOON)).next_path == "/"


async def test_an_unknown_address_is_answered_alike_and_gets_nothing(db):
    await people.request_sign_in(db, "nobody@example.fi", at=NOON)
    assert not [m for m in (await people.list_outbox(db)).items if m.email == "nobody@example.fi"]


async def test_the_eleventh_request_within_five_minutes_is_refused(db):
    person_id = await a_person(db)
    email = (await people.find_person(db, person_id)).email
    for _ in range(10):
        await people.request_sign_in(db, email.upper(), at=NOON)
    with pytest.raises(people.TooOften):
        await people.request_sign_in(db, email, at=NOON + timedelta(minutes=4))
    await people.request_sign_in(db, email, at=NOON + timedelta(minutes=5))
    assert len((await people.list_outbox(db, person_id=person_id)).items) == 11


async def test_a_sign_in_ends_after_two_idle_hours_and_after_twelve_in_all(db):
    actor = await an_actor(db, Role.JOBSEEKER)
    token = await people.mint_link(db, actor.person_id, None, at=NOON)
    secret, _ = await people.sign_in(db, token, at=NOON, demo=False)
    for hours in range(1, 12):
        assert await people.find_sign_in(db, secret, at=NOON + timedelta(hours=hours))
    assert await people.find_sign_in(db, secret, at=NOON + timedelta(hours=12)) is None

    token = await people.mint_link(db, actor.person_id, None, at=NOON)
    idle, _ = await people.sign_in(db, token, at=NOON, demo=False)
    assert await people.find_sign_in(db, idle, at=NOON + timedelta(hours=2)) is None


async def test_a_planted_secret_opens_nothing(db):
    assert await people.find_sign_in(db, "planted", at=NOON) is None


async def test_switching_roles_changes_the_secret_and_ends_the_old_one(db):
    procurer_id = await a_procurer(db)
    actor = await an_actor(db, Role.FINANCE, procurer_id)
    other = await people.add_member(db, actor.person_id, procurer_id, Role.REGISTRAR, at=NOON)
    token = await people.mint_link(db, actor.person_id, None, at=NOON)
    secret, _ = await people.sign_in(db, token, at=NOON, demo=False)

    renewed = await people.switch_role(db, secret, other, at=NOON)

    assert await people.find_sign_in(db, secret, at=NOON) is None
    now = await people.find_sign_in(db, renewed, at=NOON)
    assert now is not None
    assert now.role is Role.REGISTRAR
    await people.sign_out(db, renewed, at=NOON)
    assert await people.find_sign_in(db, renewed, at=NOON) is None


async def test_nobody_switches_to_another_persons_role(db):
    actor = await an_actor(db, Role.JOBSEEKER)
    stranger = await an_actor(db, Role.JOBSEEKER)
    [theirs] = await people.list_memberships(db, stranger.person_id)
    token = await people.mint_link(db, actor.person_id, None, at=NOON)
    secret, _ = await people.sign_in(db, token, at=NOON, demo=False)
    with pytest.raises(NotFound):
        await people.switch_role(db, secret, theirs.id, at=NOON)


async def test_a_machine_acts_as_the_membership_of_its_token(db):
    procurer_id = await a_procurer(db)
    actor = await an_actor(db, Role.CASE_WORKER, procurer_id)
    [held] = await people.list_memberships(db, actor.person_id)
    token = await people.mint_api_token(db, held.id, "a desk", at=NOON)
    wire = await wire_of(db)
    assert await people.find_api_token(wire, token, at=NOON) == actor
    assert await people.find_api_token(wire, token + "x", at=NOON) is None
    assert await people.find_api_token(wire, token, at=NOON + timedelta(days=365)) is None


async def test_no_secret_is_kept_as_it_is(db):
    actor = await an_actor(db, Role.JOBSEEKER)
    token = await people.mint_link(db, actor.person_id, None, at=NOON)
    kept = (await db.exec(text("select encode(token_hash, 'escape') from sign_in_link"))).scalars().all()
    assert all(token not in secret for secret in kept)


async def test_adding_somebody_twice_gives_the_same_person(db):
    first = await people.add_person(db, AddPerson(name="Aino", email="AINO@Example.fi"), at=NOON)
    again = await people.add_person(db, AddPerson(name="Other", email="aino@example.fi"), at=NOON)
    assert first == again
    assert (await people.names_of(db, [first])) == {first: "Aino"}


async def test_a_role_is_held_where_it_fits(db):
    procurer_id = await a_procurer(db)
    person_id = await a_person(db)
    with pytest.raises(people.RoleDoesNotFit):
        await people.add_member(db, person_id, procurer_id, Role.COACH, at=NOON)
    with pytest.raises(people.RoleDoesNotFit):
        await people.add_member(db, person_id, None, Role.FINANCE, at=NOON)


async def test_two_organisations_never_share_a_business_id(db):
    order = AddOrganisation(kind=OrganisationKind.PROVIDER, name="Suunta Oy", business_id=a_business_id())
    await people.add_organisation(db, order, at=NOON)
    with pytest.raises(people.AlreadyKnown):
        await people.add_organisation(db, order, at=NOON)


@pytest.mark.parametrize("typed", ["2077474-1", "20774740X", "", "1234567-2"])
def test_a_business_id_with_a_wrong_check_figure_is_refused(typed):
    with pytest.raises(ValidationError, match="not a Finnish Business ID"):
        AddOrganisation(kind=OrganisationKind.PROVIDER, name="X", business_id=typed or "-")


def test_a_business_id_is_written_with_its_hyphen():
    order = AddOrganisation(kind=OrganisationKind.PROVIDER, name="X", business_id="FI20774740")
    assert order.business_id == "2077474-0"


async def test_the_outbox_is_read_page_by_page_without_gaps(db):
    person_id = await a_person(db)
    for number in range(7):
        await people.notify(db, person_id, "hello", {"number": number}, at=NOON)
    seen, after = [], None
    while True:
        page = await people.list_outbox(db, person_id=person_id, after=after, limit=3)
        seen += [mail.params["number"] for mail in page.items]
        after = page.next
        if after is None:
            break
    assert sorted(seen) == list(range(7))
    assert len(seen) == 7


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Aino\u202e<b>", "Aino<b>"),
        ("Ai\0no\x07", "Aino"),
        ("A\u2066B\u2069\x9f", "AB"),
        ("Zoë \u200dÅ", "Zoë \u200dÅ"),
    ],
)
def test_a_name_holds_nothing_that_nobody_types(typed: str, kept: str) -> None:
    assert AddPerson(name=typed, email="aino@example.fi").name == kept
