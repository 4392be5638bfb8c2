"""A personal budget for tests that walk all addresses."""

from datetime import datetime, timedelta
from uuid import UUID

from setori import envelopes
from setori.days import local_day
from setori.db import Database
from setori.envelopes import GiveEnvelope
from setori.people import Role
from tests.world import Market

REASON = {"reason": "As it was agreed."}


async def envelope_things(db: Database, market: Market, *, at: datetime) -> dict[str, dict[str, UUID]]:
    """Running budgets of the market's jobseeker: one may end."""
    order = GiveEnvelope(
        programme_id=market.programme_id,
        voucher_id=market.voucher_id,
        name="Aino Virtanen",
        email="aino@example.fi",
        amount_cents=900_00,
        expires_on=local_day(at) + timedelta(days=200),
        limits={market.service_id: 900_00},
        reason="The plan.",
    )
    desk = market.actors[Role.CASE_WORKER]
    first, second = [await envelopes.give(db, order, by=desk, at=at) for _ in range(2)]
    return {"envelope_id": {"personal budget": first, "another personal budget": second}}


def told_of_envelopes(mine: Market, on: str) -> dict[str, dict[str, str]]:
    """What the forms about one hold; `on` is its last day."""
    size = {"amount_euros": "900,00", "expires_on": on, f"limits.{mine.service_id}": "900,00"}
    taken = {"offering_id": str(mine.offering_id), "coach_id": str(mine.coach_id), "sessions": "1"}
    return {
        "GET /wallet/budgets/{envelope_id}/take": {
            "offering": str(mine.offering_id),
            "coach": str(mine.coach_id),
        },
        "POST /wallet/budgets/{envelope_id}/take": taken,
        "POST /procurer/envelopes/{envelope_id}/change": {**size, **REASON},
        "POST /procurer/envelopes/{envelope_id}/end": REASON,
        "POST /procurer/envelopes/{envelope_id}/vouchers": {
            "programme_id": str(mine.programme_id),
            "units": "1",
        },
    }
