"""An application's states: whatever people try in whatever order, the database and the table of moves decide alike."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from setori import registry
from setori.days import local_day
from setori.db import Database, make_sessions
from setori.errors import SetoriError
from setori.people import Role
from setori.registry import (
    AnswerCriteria,
    ApplicationStatus,
    AskForCompletion,
    AssessApplication,
    CriterionKind,
    DecideApplication,
    DraftCriterion,
    DraftRulebook,
    GiveVerdict,
    RecordAppeal,
    ResolveAppeal,
)
from setori.registry.rules import MOVES, WRITABLE
from tests.domains import builders as a
from tests.domains.builders import NOON

DRAFT, SENT, RETURNED = ApplicationStatus.DRAFT, ApplicationStatus.SUBMITTED, ApplicationStatus.RETURNED
DECIDED = (ApplicationStatus.APPROVED, ApplicationStatus.REJECTED)
_areas = iter(range(1000, 9999))


class Applying(RuleBasedStateMachine):
    """One application to a rulebook of two assessors. A model in Python keeps the score."""

    database: Any = None

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.engine, self.sessions = make_sessions(self.database.app_url, pool_size=1)
        self.now: datetime = NOON
        self.run(self.build)
        self.status, self.round, self.due = DRAFT, 0, None
        self.written, self.filed = "4", {}
        self.done: dict[int, bool] = {}
        self.decisions: dict[int, ApplicationStatus] = {}
        self.open_appeal = False

    def run(self, work: Callable[[Database], Awaitable[Any]]) -> Any:
        """One transaction, committed unless it is refused."""

        async def once() -> Any:
            async with self.sessions.begin() as db:
                return await work(db)

        return self.loop.run_until_complete(once())

    async def build(self, db: Database) -> None:
        area = str(next(_areas))
        procurer_id = await a.a_procurer(db, area, f"Alue {area}")
        self.assessors = [await a.an_actor(db, Role.REGISTRAR, procurer_id, f"Arvioija {n}") for n in "ab"]
        self.registrar = await a.an_actor(db, Role.REGISTRAR, procurer_id, "Rekisterinpitäjä")
        criterion = DraftCriterion(code="N1", kind=CriterionKind.NUMBER, text={"fi": "Montako?"})
        order = DraftRulebook(
            service_id=await a.a_service(db),
            title={"fi": "Kirja"},
            criteria=[criterion],
            two_assessors=True,
        )
        rulebook_id = await registry.draft_rulebook(db, order, by=self.registrar, at=NOON)
        await registry.publish_rulebook(db, rulebook_id, by=self.registrar, at=NOON)
        self.owner = await a.an_actor(db, Role.PROVIDER_OWNER, await a.a_provider(db))
        self.id = await registry.start_application(db, rulebook_id, by=self.owner, at=NOON)
        order_ = AnswerCriteria(answers={"N1": "4"})
        await registry.answer(db, self.id, order_, by=self.owner, at=NOON)

    def attempt(self, work: Callable[[Database], Awaitable[Any]], *, expected: bool) -> None:
        """Try it: it is done exactly when the model says so."""
        try:
            self.run(work)
            was_done = True
        except SetoriError:
            was_done = False
        assert was_done == expected

    def teardown(self) -> None:
        defects = self.loop.run_until_complete(self.database.defects())
        self.loop.run_until_complete(self.engine.dispose())
        self.loop.close()
        assert defects == {}

    def come_to_the_desk(self) -> None:
        assert SENT in MOVES[self.status]
        self.status, self.round = SENT, self.round + 1

    @rule(days=st.integers(1, 9))
    def pass_days(self, days: int) -> None:
        self.now += timedelta(days=days)

    @rule(value=st.sampled_from(["4", "5", "many"]))
    def write(self, value: str) -> None:
        may = self.status in WRITABLE
        order = AnswerCriteria(answers={"N1": value})
        self.attempt(lambda db: registry.answer(db, self.id, order, by=self.owner, at=self.now), expected=may)
        if may:
            self.written = value

    @rule()
    def submit(self) -> None:
        may = self.status in WRITABLE and self.written != "many"
        again = self.status is RETURNED
        self.attempt(lambda db: registry.submit(db, self.id, by=self.owner, at=self.now), expected=may)
        if may:
            self.come_to_the_desk()
            self.filed[self.round] = self.written
            self.done = dict.fromkeys(self.done, False) if again else {}

    @rule()
    def withdraw(self) -> None:
        may = ApplicationStatus.WITHDRAWN in MOVES[self.status]
        self.attempt(lambda db: registry.withdraw(db, self.id, by=self.owner, at=self.now), expected=may)
        if may:
            self.status = ApplicationStatus.WITHDRAWN

    @rule(who=st.integers(0, 1))
    def assign(self, who: int) -> None:
        assessor = self.assessors[who].person_id
        may = self.status is SENT
        self.attempt(
            lambda db: registry.assign(db, self.id, assessor, by=self.registrar, at=self.now), expected=may
        )
        if may:
            self.done.setdefault(who, False)

    @rule(who=st.integers(0, 1))
    def assess(self, who: int) -> None:
        by = self.assessors[who]
        may = self.status is SENT and self.done.get(who) is False
        order = AssessApplication(marks={"N1": GiveVerdict(met=True)}, is_done=True)
        self.attempt(lambda db: registry.assess(db, self.id, order, by=by, at=self.now), expected=may)
        if may:
            self.done[who] = True

    @rule(days=st.integers(1, 7))
    def give_back(self, days: int) -> None:
        may = self.status is SENT
        due = local_day(self.now) + timedelta(days=days)
        order = AskForCompletion(message="Tell more.", due_on=due)
        self.attempt(
            lambda db: registry.ask_for_completion(db, self.id, order, by=self.registrar, at=self.now),
            expected=may,
        )
        if may:
            self.status, self.due = RETURNED, due

    @rule()
    def take_up(self) -> None:
        may = self.status is RETURNED and local_day(self.now) > self.due
        self.attempt(lambda db: registry.take_up(db, self.id, by=self.registrar, at=self.now), expected=may)
        if may:
            self.come_to_the_desk()
            self.done = {}

    @rule(outcome=st.sampled_from(DECIDED))
    def decide(self, outcome: ApplicationStatus) -> None:
        may = self.status is SENT and list(self.done.values()) == [True, True]
        order = DecideApplication(outcome=outcome, reason="Because.")
        self.attempt(
            lambda db: registry.decide(db, self.id, order, by=self.registrar, at=self.now), expected=may
        )
        if may:
            assert outcome in MOVES[self.status]
            self.status = self.decisions[self.round] = outcome

    @rule()
    def appeal(self) -> None:
        may = self.status in DECIDED and not self.open_appeal
        order = RecordAppeal(received_on=local_day(self.now), demand="Look again.")
        self.attempt(
            lambda db: registry.record_appeal(db, self.id, order, by=self.registrar, at=self.now),
            expected=may,
        )
        self.open_appeal |= may

    @rule(outcome=st.sampled_from(["stands", "reopened"]))
    def resolve(self, outcome: str) -> None:
        fits = outcome == "stands" or self.status is ApplicationStatus.REJECTED
        may = self.open_appeal and fits
        order = ResolveAppeal(outcome=outcome, reason="Because.")
        self.attempt(
            lambda db: registry.resolve_appeal(db, self.id, order, by=self.registrar, at=self.now),
            expected=may,
        )
        if may:
            self.open_appeal = False
            if outcome == "reopened":
                self.come_to_the_desk()
                self.done = {}

    @invariant()
    def the_database_says_the_same(self) -> None:
        async def look(db: Database) -> Any:
            own = await registry.find_application(db, self.id, by=self.owner)
            if not self.round:
                return own, None, {}
            desk = await registry.find_application(db, self.id, by=self.registrar)
            filings = {
                one.round: (await registry.find_filing(db, self.id, one.round, by=self.registrar)).answers
                for one in own.course.filings
            }
            return own, desk, filings

        own, desk, filings = self.run(look)
        assert (own.row.status, own.row.round) == (self.status, self.round)
        assert own.criteria[0].value == self.written
        assert {n: answers[0][1] for n, answers in filings.items()} == self.filed, "what was filed stays"
        assert {one.round: one.outcome for one in own.course.decisions} == self.decisions
        if desk is not None:
            assert desk.criteria[0].value == self.filed[max(self.filed)]


def test_an_application_moves_only_as_the_table_says(machine_database: Any) -> None:
    Applying.database = machine_database
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        Applying,
        settings=settings(
            max_examples=15,
            phases=[Phase.explicit, Phase.generate],
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
