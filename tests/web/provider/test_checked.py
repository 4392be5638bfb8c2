"""A criterion that the registers answer: both sides read what each register said, when, and which did not answer."""

from datetime import timedelta

import pytest

from setori import facts, jobs
from setori.app import clock
from setori.facts import CompanyRegister, Office, RegisterUnreachable, Told
from setori.people import Role
from tests.domains import builders as a

SAID = {
    Office.COMPANY: Told("Business register (sample)", {"standing": "active", "prepayment": "registered"}),
    Office.OBLIGATIONS: Told("Tax office (sample)", {"tax": "tax_debt", "pension": "pensions_paid"}),
}


class Registers(CompanyRegister):
    """Offices that say what a test says, count, or are silent."""

    def __init__(self) -> None:
        self.asked, self.silent = 0, False

    async def ask(self, office: Office, business_id: str) -> Told:
        self.asked += 1
        if self.silent:
            raise RegisterUnreachable("HTTP 503")
        return SAID[office]


@pytest.fixture
async def application(world):
    """Begun a while ago by a firm that is not approved."""
    async with world.sessions.begin() as db:
        return await a.an_application(
            db, world.rulebook_id, world.rival, sent=False, at=clock() - timedelta(hours=1)
        )


async def test_the_applicant_and_the_assessor_read_the_outcome_with_its_date_and_source(
    world, visitor, application
) -> None:
    owner, registrar = await visitor(world.rival), await visitor(world.registrar)
    path = f"/provider/applications/{application}"
    assert "Not asked yet" in (await owner.get(f"{path}/check")).text
    registers = Registers()
    await jobs.ask_registers(world.sessions, registers, clock)
    for where in (f"{path}/check", f"{path}/questions/R1"):
        page = (await owner.get(where)).text
        assert "Not in order" in page
        assert "Tax debt" in page
        assert "Tax office (sample)" in page
        assert "asked anew when the application is sent" in page or where.endswith("check")
    before = registers.asked
    await jobs.ask_registers(world.sessions, registers, clock)
    assert registers.asked == before, "nothing new, nobody is asked"
    assert (await owner.post(f"{path}/submission")).status_code == 303
    await jobs.ask_registers(world.sessions, registers, clock)
    assert registers.asked == before + 2, "asked anew when it is filed"
    for who, where in ((owner, path), (registrar, f"/procurer/applications/{application}")):
        page = (await who.get(where)).text
        assert page.count("Not in order") >= 1
        assert "Business register (sample)" in page


async def test_a_register_that_is_silent_is_said_plainly_and_is_no_verdict(
    world, visitor, application
) -> None:
    registers = Registers()
    registers.silent = True
    await jobs.ask_registers(world.sessions, registers, clock)
    page = (await (await visitor(world.rival)).get(f"/provider/applications/{application}/check")).text
    assert "Could not be asked" in page
    assert "That says nothing of the firm." in page
    assert "Not in order" not in page


async def test_a_coach_reads_the_outcome_and_not_the_debts(world, visitor, application) -> None:
    async with world.sessions.begin() as db:
        for office, said in SAID.items():
            await facts.keep(db, world.rival.organisation_id, office, said, at=clock())
        coach = await a.an_actor(db, Role.COACH, world.rival.organisation_id)
    page = (await (await visitor(coach)).get(f"/provider/applications/{application}/check")).text
    assert "Not in order" in page
    assert "Tax debt" not in page
