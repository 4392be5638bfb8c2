"""Vouchers, meetings, sessions and money together: two clients of one coach, a desk, a budget, and time that passes.

The model in Python says beforehand what each act comes to; the operations and the database must come to the same, and
after every act neither a person is at two places nor a cent at two.
"""

from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule, run_state_machine_as_test

from setori import booking, vouchers
from setori.booking import BookTime, SayWhy
from setori.days import local_day
from setori.db import Database, new_id, wire_of
from setori.people import Role
from setori.vouchers import (
    ChooseOffering,
    CutBudget,
    DecideDispute,
    DisputeSession,
    ExtendVoucher,
    GiveReason,
    IssueVoucher,
    RedeemVoucher,
    WriteNote,
)
from tests.domains import builders as a
from tests.domains.builders import KEY, NOON
from tests.machines.living import CAP, GRANTED, LATE, PRICE, UNITS, Lives, Meeting

WHY = GiveReason(reason="because")


class Living(Lives):
    """What people do with two vouchers of three sessions and one calendar."""

    # What people do ---------------------------------------------------------------------------------------------

    @rule(who=st.integers(0, 1), day=st.integers(0, 9), slot=st.integers(0, 4))
    def book(self, who: int, day: int, slot: int) -> None:
        """A client books a time: it is had when it is free and a session is left for it."""
        client, starts_at = self.clients[who], self.time_of(day, slot)
        order = BookTime(starts_at=starts_at)
        answer = self.run(lambda db: vouchers.book(db, client.voucher_id, order, by=client.who, at=self.now))
        ok = self.is_usable(client) and self.live(client) < client.left and self.is_free(client, starts_at)
        if self.expect(ok, answer):
            client.meetings[answer] = Meeting(starts_at)

    @precondition(lambda self: any(one.meetings for one in self.clients))
    @rule(data=st.data(), day=st.integers(0, 9), slot=st.integers(0, 4))
    def move(self, data: st.DataObject, day: int, slot: int) -> None:
        """A meeting is moved in good time to a time that is free."""
        drawn = self.a_meeting(data, "booked", "met", "called_off", "missed")
        if drawn is None:
            return
        client, booking_id, meeting = drawn
        starts_at = self.time_of(day, slot)
        order = BookTime(starts_at=starts_at)
        answer = self.run(lambda db: vouchers.move_meeting(db, booking_id, order, by=client.who, at=self.now))
        in_time = meeting.starts_at - timedelta(hours=LATE) >= self.now
        stays = starts_at == meeting.starts_at
        may = self.is_usable(client) and meeting.status == "booked"
        ok = may and (stays or (in_time and self.is_free(client, starts_at, without=booking_id)))
        if self.expect(ok, answer):
            meeting.starts_at = starts_at

    @precondition(lambda self: any(one.meetings for one in self.clients))
    @rule(data=st.data(), by_coach=st.booleans())
    def call_off(self, data: st.DataObject, by_coach: bool) -> None:
        """Either side calls a meeting off before it begins; a client's late word may use a session."""
        drawn = self.a_meeting(data, "booked", "met", "missed", "called_off", "called_off_late", "coach_away")
        if drawn is None:
            return
        client, booking_id, meeting = drawn
        by = self.practice.coach if by_coach else client.who
        answer = self.run(lambda db: booking.call_off(db, booking_id, SayWhy(), by=by, at=self.now))
        again = ("coach_away",) if by_coach else ("called_off", "called_off_late")
        ok = meeting.status in again or (meeting.status == "booked" and meeting.starts_at > self.now)
        if self.expect(ok, answer) and meeting.status == "booked":
            in_time = meeting.starts_at - timedelta(hours=LATE) >= self.now
            meeting.status = "coach_away" if by_coach else "called_off" if in_time else "called_off_late"
            assert answer == meeting.status

    @precondition(lambda self: any(one.meetings for one in self.clients))
    @rule(data=st.data())
    def miss(self, data: st.DataObject) -> None:
        """The coach says that nobody came."""
        drawn = self.a_meeting(data, "booked", "met", "called_off")
        if drawn is None:
            return
        _, booking_id, meeting = drawn
        by = self.practice.coach
        answer = self.run(lambda db: booking.miss(db, booking_id, SayWhy(), by=by, at=self.now))
        if self.expect(meeting.status == "booked" and meeting.starts_at <= self.now, answer):
            meeting.status = "missed"

    @precondition(lambda self: any(one.meetings for one in self.clients))
    @rule(data=st.data())
    def record_meeting(self, data: st.DataObject) -> None:
        """The coach records a meeting once; a missed one and one called off late count by the terms."""
        drawn = self.a_meeting(data, "booked", "missed", "called_off", "called_off_late", "coach_away")
        if drawn is None:
            return
        client, booking_id, meeting = drawn
        if meeting.is_recorded:
            return
        order, by = WriteNote(note=""), self.practice.coach
        answer = self.run(
            lambda db: vouchers.record_meeting(db, booking_id, order, key=KEY, by=by, at=self.now)
        )
        day = local_day(meeting.starts_at)
        counts = meeting.status in ("booked", "missed", "called_off_late") and meeting.starts_at <= self.now
        if self.expect(counts and self.may_record(client, day), answer):
            client.sessions[booking_id] = "held"
            meeting.is_recorded = True
            if meeting.status == "booked":
                meeting.status = "met"

    @rule(who=st.integers(0, 1), days_ago=st.integers(0, 3))
    def record(self, who: int, days_ago: int) -> None:
        """The coach records a session by the code; the meeting that was booked for that day has taken place."""
        client, day = self.clients[who], local_day(self.now) - timedelta(days=days_ago)
        order = RedeemVoucher(voucher_code=client.code, service_day=day)
        redemption_id, by = new_id(), self.practice.coach

        async def act(db: Database) -> Any:
            wire = await wire_of(db)
            return await vouchers.redeem(wire, redemption_id, order, key=KEY, by=by, at=self.now)

        if self.expect(self.may_record(client, day), self.run(act)):
            client.sessions[redemption_id] = "held"
            of_the_day = [
                meeting
                for meeting in client.meetings.values()
                if meeting.status in ("booked", "missed")
                and not meeting.is_recorded
                and local_day(meeting.starts_at) == day
                and meeting.starts_at <= self.now
            ]
            if of_the_day:
                held = min(of_the_day, key=lambda meeting: meeting.starts_at)
                held.status, held.is_recorded = "met", True

    @precondition(lambda self: any(one.sessions for one in self.clients))
    @rule(data=st.data(), word=st.sampled_from(["confirm", "confirm", "dispute", "reverse", "decide"]))
    def answer(self, data: st.DataObject, word: str) -> None:
        """Client, coach and desk say their word on a session."""
        client = data.draw(st.sampled_from([one for one in self.clients if one.sessions]))
        redemption_id = data.draw(st.sampled_from(list(client.sessions)))
        status = client.sessions[redemption_id]
        allowed, becomes = {
            "confirm": (("held", "disputed", "confirmed"), "confirmed"),
            "dispute": (("held", "disputed"), "disputed"),
            "reverse": (("held", "disputed", "confirmed", "withdrawn", "reversed"), "withdrawn"),
            "decide": (("disputed", "refused"), "refused"),
        }[word]
        if word == "reverse" and status in ("confirmed", "reversed"):
            becomes = "reversed"

        async def act(db: Database) -> Any:
            wire, given = await wire_of(db), {"at": self.now}
            if word == "confirm":
                return await vouchers.confirm(wire, redemption_id, by=client.who, **given)
            if word == "dispute":
                told = DisputeSession(words="it was otherwise")
                return await vouchers.dispute(wire, redemption_id, told, by=client.who, **given)
            if word == "reverse":
                return await vouchers.reverse(wire, redemption_id, WHY, by=self.practice.coach, **given)
            decided = DecideDispute(decision="not_held", words="because")
            return await vouchers.decide_dispute(wire, redemption_id, decided, by=self.practice.desk, **given)

        if self.expect(status in allowed, self.run(act)):
            client.sessions[redemption_id] = becomes
            if client.status == "chosen" and client.count("confirmed") == UNITS:
                client.status = "used"
            elif client.status == "used" and becomes == "reversed":
                client.status = "chosen"

    # What the desk does -----------------------------------------------------------------------------------------

    @rule()
    def issue(self) -> None:
        """Another voucher, as long as the budget holds it."""
        number, free = self.issued, self.free_budget()
        order = IssueVoucher(
            programme_id=self.practice.programme_id, name="Uusi Asiakas", email=f"uusi{new_id()}@example.fi"
        )
        desk = self.practice.desk
        answer = self.run(lambda db: vouchers.issue(db, order, key=KEY, by=desk, at=self.now))
        if self.expect(free >= UNITS * CAP, answer):
            self.issued = number + 1

    @rule(cents=st.integers(1, GRANTED // 2))
    def cut(self, cents: int) -> None:
        """Finance takes money back that nobody was promised."""
        order, free = CutBudget(amount_cents=cents, reason="less this year"), self.free_budget()

        async def act(db: Database) -> Any:
            finance = await a.an_actor(db, Role.FINANCE, self.practice.procurer_id)
            await vouchers.cut_budget(db, self.practice.programme_id, order, by=finance, at=self.now)

        if self.expect(cents <= free, self.run(act)):
            self.granted -= cents

    @rule(who=st.integers(0, 1), days=st.integers(-5, 40))
    def extend(self, who: int, days: int) -> None:
        """The desk gives a voucher a later last day."""
        client = self.clients[who]
        last_day = client.last_day + timedelta(days=days)
        order, desk = ExtendVoucher(expires_on=last_day, reason="was ill"), self.practice.desk
        answer = self.run(lambda db: vouchers.extend(db, client.voucher_id, order, by=desk, at=self.now))
        ok = client.status == "chosen" and days > 0 and last_day >= local_day(self.now)
        if self.expect(ok, answer):
            client.last_day = last_day

    @precondition(lambda self: self.now > NOON + timedelta(days=10))
    @rule(who=st.integers(0, 1))
    def cancel(self, who: int) -> None:
        """The desk takes a voucher back: meetings ahead are let go, what waits can still be confirmed."""
        client, desk = self.clients[who], self.practice.desk
        answer = self.run(lambda db: vouchers.cancel(db, client.voucher_id, WHY, by=desk, at=self.now))
        if self.expect(client.status == "chosen", answer):
            client.status = "cancelled"
            self.let_go(client)

    @rule(who=st.integers(0, 1))
    def choose_again(self, who: int) -> None:
        """Choosing what one has changes nothing."""
        client = self.clients[who]
        order = ChooseOffering(offering_id=self.practice.offering_id, coach_id=self.practice.coach_id)
        answer = self.run(
            lambda db: vouchers.choose(db, client.voucher_id, order, by=client.who, at=self.now)
        )
        self.expect(self.is_usable(client), answer)

    @rule(hours=st.sampled_from([1, 5, 19, 24, 24, 50, 24 * 9, 24 * 31]))
    def time_passes(self, hours: int) -> None:
        """The jobs that look after everything run; unanswered sessions lapse, vouchers end, meetings are let go."""
        self.now += timedelta(hours=hours)
        self.night()
        told = self.run(self._sessions)
        for client in self.clients:
            for key, status in client.sessions.items():
                if status == "held" and told[key] == "lapsed":
                    client.sessions[key] = "lapsed"
            if client.status in ("chosen", "used") and local_day(self.now) > client.last_day:
                client.status = "expired"
            if client.status != "chosen":
                self.let_go(client)
            if client.status == "used":
                client.value = PRICE * UNITS  # what the price was under the cap has gone back to the budget

    # What always holds ------------------------------------------------------------------------------------------

    @invariant()
    def the_books_and_the_calendar_say_what_the_model_says(self) -> None:
        """Vouchers, sessions, meetings and every cent of the budget."""
        sessions, meetings, money = self.run(self._sessions), self.run(self._meetings), self.run(self._money)
        for client in self.clients:
            one = money[client.voucher_id]
            assert one["status"] == client.status
            assert one["held"] == PRICE * client.count("held", "disputed")
            assert (one["units_used"], one["units_held"]) == (
                client.count("confirmed"),
                client.count("held", "disputed"),
            )
            if client.status == "chosen":
                assert one["free"] == client.value - PRICE * (UNITS - client.left)
            assert {key: sessions[key] for key in client.sessions} == client.sessions
            assert {key: meetings[key] for key in client.meetings} == {
                key: (meeting.status, meeting.starts_at) for key, meeting in client.meetings.items()
            }
            assert client.left >= 0
        paid = PRICE * sum(client.count("confirmed") for client in self.clients)
        inside = sum(one["free"] + one["held"] for one in money.values())
        assert self.free_budget() + inside + paid == self.granted
        assert len(money) == self.issued


def test_people_money_and_times_stay_together(machine_database: Any) -> None:
    """Hypothesis looks for a life of two vouchers in which the books, the calendar and the model part company."""
    Living.database = machine_database
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        Living,
        settings=settings(
            max_examples=12,
            phases=[Phase.explicit, Phase.generate],
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
