"""The SQL functions of redeeming and the pure rules are driven by the same commands, and must decide alike."""

import asyncio
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from setori.days import local_day
from setori.people import Role
from setori.vouchers.rules import (
    RECORD_AFTER_END,
    REDEMPTION_MOVES,
    RedemptionStatus,
    Usable,
    Verdict,
    VoucherStatus,
    redeem,
)
from tests.world import KEY, NOON, a_market

UNITS = 4
SUSPENDED = range(5, 12)


class Redeeming(RuleBasedStateMachine):
    """One voucher of four sessions; coaches record, clients answer, nights pass. A model in Python keeps the score."""

    database: Any = None

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.market = self.loop.run_until_complete(a_market(self.database, units=UNITS, suspended=SUSPENDED))
        self.wire: asyncpg.Connection[Any] = self.loop.run_until_complete(
            asyncpg.connect(self.database.app_url)
        )
        self.now: datetime = NOON + timedelta(hours=1)
        self.status = VoucherStatus.CHOSEN
        self.cents = self.market.value_cents
        self.sessions: dict[UUID, tuple[int, date, str]] = {}

    def teardown(self) -> None:
        self.loop.run_until_complete(self.market.night(self.database, self.now))
        defects = self.loop.run_until_complete(self.database.defects())
        self.loop.run_until_complete(self.wire.close())
        self.loop.close()
        assert defects == {}

    @property
    def today(self) -> date:
        return local_day(self.now)

    def units_in(self, *statuses: str) -> int:
        return sum(units for units, _, status in self.sessions.values() if status in statuses)

    @rule(units=st.integers(1, UNITS + 1), days_ago=st.integers(-2, 70))
    def record(self, units: int, days_ago: int) -> None:
        """A coach records a session: the rules and the database say the same."""
        day = self.today - timedelta(days=days_ago)
        price = self.market.price_cents
        expected = redeem(
            Usable(
                status=self.status,
                starts_on=self.market.starts_on,
                expires_on=self.market.expires_on,
                units_left=UNITS - self.units_in("held", "disputed", "confirmed"),
                cents_left=self.cents - price * self.units_in("held", "disputed", "confirmed"),
                unit_price_cents=price,
                approved_on_day=self.market.is_approved(day),
                chosen_from=self.market.chosen_on,
            ),
            units,
            day,
            today=self.today,
        )
        redemption_id = uuid4()
        row = self._redeem(redemption_id, units, day)
        assert row["verdict"] == expected.value
        if expected is Verdict.ACCEPTED:
            self.sessions[redemption_id] = (units, day, "held")

    @precondition(lambda self: self.sessions)
    @rule(data=st.data(), other=st.booleans())
    def record_again(self, data: st.DataObject, other: bool) -> None:
        """The same id again: the original receipt, or a refusal when the figures differ. Nothing moves."""
        redemption_id = data.draw(st.sampled_from(sorted(self.sessions)))
        units, day, _ = self.sessions[redemption_id]
        row = self._redeem(redemption_id, units + other, day)
        assert row["verdict"] == ("other_figures" if other else "replayed")

    @precondition(lambda self: self.sessions)
    @rule(data=st.data(), to=st.sampled_from(["confirmed", "disputed", "refused", "reversed"]))
    def resolve(self, data: st.DataObject, to: str) -> None:
        """Client, provider and procurer each say their word; a second answer changes nothing."""
        redemption_id = data.draw(st.sampled_from(sorted(self.sessions)))
        units, day, status = self.sessions[redemption_id]
        is_withdrawing = to == "reversed" and status in ("held", "disputed", "withdrawn")
        becomes = "withdrawn" if is_withdrawing else to
        if status == becomes:
            expected = "replayed"
        elif RedemptionStatus(becomes) in REDEMPTION_MOVES[RedemptionStatus(status)]:
            expected = "done"
        else:
            expected = "conflict"
        row = self._say(redemption_id, to)
        assert row["verdict"] == expected
        if expected == "done":
            self.sessions[redemption_id] = (units, day, becomes)
            if self.status is VoucherStatus.CHOSEN and self.units_in("confirmed") == UNITS:
                self.status = VoucherStatus.USED
            elif self.status is VoucherStatus.USED and becomes == "reversed":
                self.status = VoucherStatus.CHOSEN

    @rule(days=st.integers(1, 40))
    def nights_pass(self, days: int) -> None:
        """Time passes and the nightly job runs: old holds lapse, the voucher expires, unused value returns."""
        self.now += timedelta(days=days)
        self.loop.run_until_complete(self.market.night(self.database, self.now))
        for redemption_id, (units, day, status) in list(self.sessions.items()):
            recorded = self.loop.run_until_complete(
                self.wire.fetchval("select status from redemption where id = $1", redemption_id)
            )
            if status == "held" and recorded == "lapsed":
                self.sessions[redemption_id] = (units, day, "lapsed")
            else:
                assert recorded == status
        if self.today > self.market.expires_on + RECORD_AFTER_END:
            self.status = VoucherStatus.EXPIRED
        if self.status is not VoucherStatus.CHOSEN:
            price = self.market.price_cents
            free = self.cents - price * self.units_in("held", "disputed", "confirmed")
            if self.status is VoucherStatus.EXPIRED or not self.units_in("held", "disputed"):
                self.cents -= free

    @invariant()
    def the_books_say_what_the_model_says(self) -> None:
        """After each step: counters, units and status are the model's."""
        row = self.loop.run_until_complete(
            self.wire.fetchrow(
                "select v.status, v.units_used, v.units_held, a.credits - a.debits - a.held as free, a.held "
                "from voucher v join account a on a.id = v.id where v.id = $1",
                self.market.voucher_id,
            )
        )
        price = self.market.price_cents
        assert row["status"] == self.status.value
        assert row["units_used"] == self.units_in("confirmed")
        assert row["units_held"] == self.units_in("held", "disputed")
        assert row["held"] == price * self.units_in("held", "disputed")
        assert row["free"] == self.cents - price * self.units_in("held", "disputed", "confirmed")

    def _say(self, redemption_id: UUID, to: str) -> Any:
        """Each side's word by the function that it has."""
        market, when = self.market, (self.now, self.today)
        coach, desk = market.coach_person_id, market.actors[Role.CASE_WORKER].person_id
        resolve = "select * from resolve_redemption($1, $2, $3, $4, $5, $6, $7, 'because')"
        asked: tuple[Any, ...]
        match to:
            case "confirmed":
                asked = (resolve, redemption_id, to, market.person_id, None, market.person_id, *when)
            case "reversed":
                asked = (resolve, redemption_id, to, None, market.provider_id, coach, *when)
            case "disputed":
                dispute = "select * from dispute_redemption($1, $2, 'otherwise', null, 'because', $3, $4)"
                asked = (dispute, redemption_id, market.person_id, *when)
            case _:
                decide = (
                    "select * from decide_dispute($1, $2, 'not_held', null, null, 'because', $3, $4, $5, $6)"
                )
                asked = (decide, redemption_id, market.procurer_id, desk, *when, uuid4())
        return self.loop.run_until_complete(self.wire.fetchrow(*asked))

    def _redeem(self, redemption_id: UUID, units: int, day: date) -> Any:
        return self.loop.run_until_complete(
            self.wire.fetchrow(
                "select * from redeem($1, $2, $3, $4, '', $5, $6, $7, $8)",
                redemption_id,
                self.market.code_hash(KEY),
                units,
                day,
                self.market.provider_id,
                self.market.coach_person_id,
                self.now,
                self.today,
            )
        )


def test_the_database_decides_as_the_rules_do(machine_database: Any) -> None:
    """Hypothesis looks for a sequence of acts on which the SQL function and the rules part company."""
    Redeeming.database = machine_database
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        Redeeming,
        settings=settings(
            max_examples=14,
            phases=[Phase.explicit, Phase.generate],
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
