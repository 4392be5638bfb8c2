"""What the public registers say of the sample firms, as the mock registers of the demo say it too."""

import json
from datetime import datetime, timedelta
from functools import partial

from setori import jobs
from setori.db import Sessions
from setori.facts import CompanyRegister, FactAnswer, FactKind, Office, Told
from setori.seeding.reading import SEED

_LAST_NIGHT = timedelta(hours=8)


class SampleRegister(CompanyRegister):
    """Every sample firm has everything in order, but for those that seed/world/firms.json names."""

    def __init__(self) -> None:
        self._firms = json.loads((SEED / "world" / "firms.json").read_text(encoding="utf-8"))

    async def ask(self, office: Office, business_id: str) -> Told:
        """What an office says of a sample firm."""
        firm = self._firms.get(business_id, {})
        if office is Office.OBLIGATIONS:
            tax = FactAnswer.TAX_DEBT if firm.get("tax_debt") else FactAnswer.TAXES_PAID
            pension = FactAnswer.PENSION_DEBT if firm.get("pension_debt") else FactAnswer.PENSIONS_PAID
            source = "Register of tax debts and pension insurance (sample)"
            return Told(source, {FactKind.TAX: tax, FactKind.PENSION: pension})
        status = FactAnswer(firm.get("status", FactAnswer.ACTIVE))
        return Told(
            "Business register (sample)",
            {FactKind.STANDING: status, FactKind.PREPAYMENT: FactAnswer.REGISTERED},
        )


async def ask_last_night(sessions: Sessions, *, at: datetime) -> None:
    """The registers as they were asked in the night before the world opens."""
    await jobs.ask_registers(sessions, SampleRegister(), partial(_same, at - _LAST_NIGHT))


def _same(at: datetime) -> datetime:
    return at
