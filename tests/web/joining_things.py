"""Letters that let people in, for tests that walk all addresses."""

from datetime import datetime
from uuid import UUID

from setori import joining, people
from setori.db import Database
from setori.joining import InviteFirm, InviteMember
from setori.people import Role
from tests.domains import builders as a
from tests.world import Market


async def joining_things(db: Database, market: Market, *, at: datetime) -> dict[str, dict[str, UUID]]:
    """A letter to a colleague, one to a firm, and a colleague who can be let go."""
    owner, registrar = market.actors[Role.PROVIDER_OWNER], market.actors[Role.REGISTRAR]
    colleague = InviteMember(name="Kalle", email="kalle@example.fi", role=Role.COACH)
    firm = InviteFirm(firm_name="Testi Oy", name="Tuire", email="tuire@example.fi")
    member = await a.an_actor(db, Role.COACH, market.provider_id, "Kaija Kollega", at=at)
    (held,) = await people.list_memberships(db, member.person_id)
    return {
        "membership_id": {"colleague": held.id},
        "invitation_id": {
            "letter to a colleague": await joining.invite_member(db, colleague, by=owner, at=at),
            "letter to a firm": await joining.invite_firm(db, firm, by=registrar, at=at),
        },
    }


TOLD: dict[str, dict[str, str]] = {
    "POST /provider/people/invitations/{invitation_id}/again": {},
    "POST /provider/people/invitations/{invitation_id}/take-back": {},
    "POST /provider/people/{membership_id}/end": {},
    "POST /procurer/invitations/{invitation_id}/again": {},
    "POST /procurer/invitations/{invitation_id}/take-back": {},
}
"""What the forms about them hold: nothing but the button."""
