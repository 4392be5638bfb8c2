"""What holds of a consortium whatever happens: the cap in the database, and who delivers after a suspension."""

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from setori import registry, vouchers
from setori.days import local_day
from setori.db import wire_of
from setori.readmodels import consortia
from setori.registry import LeaveConsortium, ReinstateApproval, SuspendApproval
from tests.domains import builders as a
from tests.domains.builders import NOON
from tests.domains.test_consortia import TODAY, YES, a_firm, a_partner, a_scene, asks


@pytest.fixture
async def scene(db):
    return await a_scene(db)


async def test_the_database_itself_holds_the_cap(db, scene):
    """Twenty per cent are with one firm; another that said yes to thirty cannot come in under a cap of forty."""
    await a_partner(db, scene, 20)
    firm, number = await a_firm(db, "Toinen Oy")
    change = await registry.invite_to_approval(db, scene.approval, asks(number, 30), by=scene.owner, at=NOON)
    await registry.answer_invitation(db, change, YES, by=firm, at=NOON)
    connection = await db.connection()
    decided = "update partner_change set status = 'approved', closed_at = now(), closed_by = asked_by where id = :id"
    await connection.execute(text(decided), {"id": change})
    come_in = text(
        "insert into partner (id, approval_id, firm_id, part, task, share_percent, during, left_reason, change_id)"
        " values (gen_random_uuid(), :approval, :firm, 'subcontractor', 'delivers_coaching', 30, '[2026-03-02,)', '',"
        " :change)"
    )
    given = {"approval": scene.approval, "firm": firm.organisation_id, "change": change}
    with pytest.raises(DBAPIError, match="pass the cap"):
        await connection.execute(come_in, given)


async def test_an_approval_that_is_reinstated_comes_back_with_its_consortium(db, scene):
    """Whoever was decided on delivers again, and what was delivered before still counts against the cap."""
    firm, _ = await a_partner(db, scene, 20)
    gone, gone_id = await a_partner(db, scene, name="Lähtijä Oy")
    coach = await a.a_coach(db, firm.organisation_id)
    theirs = await a.an_offering(db, scene.owner, scene.service, [coach], deliverer_id=firm.organisation_id)
    session, holder = await a.a_session(db, scene.procurer, scene.registrar, firm, theirs, coach)
    await vouchers.confirm(await wire_of(db), session, by=holder, at=NOON)
    notice = LeaveConsortium(last_on=TODAY, reason="We have no time.")
    await registry.leave(db, gone_id, notice, by=gone, at=NOON)

    urgent = SuspendApproval(reason="Sessions that nobody held.", is_urgent=True)
    await registry.suspend(db, scene.approval, urgent, by=scene.registrar, at=NOON)
    later = NOON + timedelta(days=10)
    back = ReinstateApproval(reason="It was cleared up.")
    again = await registry.reinstate(db, scene.approval, back, by=scene.registrar, at=later)

    group = await consortia.find_group(db, again, on=local_day(later), lead_id=scene.lead)
    assert [(one.firm_name, one.share_percent) for one in group.partners] == [("Apuri Oy", 20)]
    assert (group.captured_cents, group.subcontracted_cents) == (80_00, 80_00)
    assert await registry.may_deliver(
        db, scene.lead, firm.organisation_id, scene.service, on=local_day(later)
    )
