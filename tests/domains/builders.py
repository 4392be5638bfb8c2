"""What tests are made of. Everything is built by the domains' own operations, so no impossible state can be built."""

from datetime import UTC, datetime
from itertools import count
from uuid import UUID

from setori import people, places
from setori.people import Actor, AddOrganisation, AddPerson, OrganisationKind, Role

NOON = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
"""Noon in Finland on Monday 2 March 2026."""

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
