"""The adapter and the mock registers over real HTTP: an answer about the very firm, or nobody answered."""

import httpx
import pytest

from setori.company_register import HttpCompanyRegister
from setori.facts import FactAnswer, FactKind, Office, RegisterUnreachable
from tests.domains.builders import a_business_id
from tests.register.running import RunningRegister


async def test_a_firm_that_nobody_spoke_of_is_in_order(ours: HttpCompanyRegister) -> None:
    firm = a_business_id()
    told = await ours.ask(Office.COMPANY, firm)
    assert told.answers == {
        FactKind.STANDING: FactAnswer.ACTIVE,
        FactKind.PREPAYMENT: FactAnswer.REGISTERED,
    }
    assert told.source == "Business register (sample)"
    assert (await ours.ask(Office.OBLIGATIONS, firm)).answers == {
        FactKind.TAX: FactAnswer.TAXES_PAID,
        FactKind.PENSION: FactAnswer.PENSIONS_PAID,
    }


@pytest.mark.parametrize("status", ["ceased", "bankrupt", "missing"])
async def test_what_has_happened_to_a_firm_is_told(
    register: RunningRegister, ours: HttpCompanyRegister, status: str
) -> None:
    firm = a_business_id()
    register.say(firm, status=status, tax_debt=True)
    assert (await ours.ask(Office.COMPANY, firm)).answers[FactKind.STANDING] == status
    owes = (await ours.ask(Office.OBLIGATIONS, firm)).answers
    assert owes.get(FactKind.TAX) == (None if status == "missing" else FactAnswer.TAX_DEBT)
    register.restart()
    assert (await ours.ask(Office.COMPANY, firm)).answers[FactKind.STANDING] == status, "kept over a restart"


@pytest.mark.parametrize(
    ("knobs", "says"),
    [
        ({"down": True}, "HTTP 503"),
        ({"garbage": True}, "garbage: not JSON"),
        ({"wrong_firm": True}, "another firm was answered"),
        ({"cut": True}, "the connection failed"),
    ],
)
async def test_what_is_no_answer_about_this_firm_is_silence(
    register: RunningRegister, ours: HttpCompanyRegister, knobs: dict[str, bool], says: str
) -> None:
    register.turn(**knobs)
    for office in Office:
        with pytest.raises(RegisterUnreachable, match=says):
            await ours.ask(office, a_business_id())


async def test_one_office_may_be_down_alone(register: RunningRegister, ours: HttpCompanyRegister) -> None:
    register.turn(obligations_down=True)
    assert await ours.ask(Office.COMPANY, a_business_id())
    with pytest.raises(RegisterUnreachable, match="HTTP 503"):
        await ours.ask(Office.OBLIGATIONS, a_business_id())


async def test_a_slow_register_is_not_waited_for(register: RunningRegister, http: httpx.AsyncClient) -> None:
    register.turn(delay_s=5)
    with pytest.raises(RegisterUnreachable, match="no answer in time"):
        await register.adapter(http, total_s=0.2).ask(Office.COMPANY, a_business_id())
    with pytest.raises(RegisterUnreachable, match="no answer in time"):
        await register.adapter(http, read_s=0.2).ask(Office.COMPANY, a_business_id())


async def test_nobody_at_home_and_a_wrong_token_are_silence(
    register: RunningRegister, http: httpx.AsyncClient
) -> None:
    nowhere = HttpCompanyRegister("http://127.0.0.1:9", "t", http)
    with pytest.raises(RegisterUnreachable, match="the connection failed"):
        await nowhere.ask(Office.COMPANY, a_business_id())
    with pytest.raises(RegisterUnreachable, match="HTTP 401"):
        await register.adapter(http, token="another").ask(Office.COMPANY, a_business_id())


@pytest.mark.parametrize("odd", ["", "../knobs", "1234567-8", "9000005-4/../../knobs"])
async def test_what_is_no_business_id_is_never_asked(ours: HttpCompanyRegister, odd: str) -> None:
    with pytest.raises(RegisterUnreachable, match="the Business ID is none"):
        await ours.ask(Office.COMPANY, odd)


async def test_a_page_that_is_not_the_registers_does_not_make_a_firm_missing(
    register: RunningRegister, http: httpx.AsyncClient
) -> None:
    """A 404 of a wrong address names no firm."""
    lost = HttpCompanyRegister(f"{register.url}/elsewhere", "a-token", http)
    with pytest.raises(RegisterUnreachable, match="another firm was answered"):
        await lost.ask(Office.COMPANY, a_business_id())
