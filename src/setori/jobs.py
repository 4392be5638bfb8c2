"""The timetable: what Setori does by itself. Vouchers expire, sessions lapse, payments go out, reports come in."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import structlog
from pgqueuer import AsyncpgDriver, DatabaseRetryEntrypointExecutor, Job, PgQueuer

from setori import (
    booking,
    dialogue,
    envelopes,
    evidence,
    facts,
    figures,
    guiding,
    importing,
    outcomes,
    people,
    registry,
    reviews,
    settlement,
    showings,
    vouchers,
    watch,
)
from setori.company_register import HttpCompanyRegister
from setori.days import local_day
from setori.db import Sessions, make_sessions
from setori.facts import CompanyRegister, FactAnswer, NotUnderstood, Office, RegisterUnreachable, Told
from setori.gateway import HttpPaymentGateway
from setori.people import Role
from setori.readmodels.approvals_to_close import WARNED_BEFORE_DAYS, list_gone, list_idle
from setori.readmodels.firms_to_ask import FirmToAsk, list_firms_to_ask
from setori.registry import ReasonCode
from setori.settings import Settings
from setori.settlement import GatewayUnreachable, PaymentGateway, StepKind

log = structlog.get_logger()

Clock = Callable[[], datetime]

SWEEP_EVERY_S = 2.0
EXPIRE_EVERY_S = 600.0
REPORT_EVERY_S = 5.0
LOOK_BACK_EVERY_S = 600.0
LOOK_BACK = timedelta(days=30)
BATCHES_EVERY_S = 15.0
NEWS_EVERY_S = 60.0
MEETINGS_EVERY_S = 60.0
ASK_EVERY_S = 5.0
ASK_AT_ONCE = 8
APPROVALS_EVERY_S = 60.0
DOCUMENTS_EVERY_S = 60.0
FIGURES_EVERY_S = 600.0
PULSES_EVERY_S = 60.0
WATCH_EVERY_S = 600.0
GONE = {FactAnswer.CEASED: ReasonCode.FIRM_CEASED, FactAnswer.BANKRUPT: ReasonCode.INSOLVENCY}
"""What the business register may say of a firm so that its approvals take no new clients, and as what reason."""


async def run(settings: Settings, *, clock: Clock) -> None:
    """Work until cancelled: jobs from the queue at once, and sweeps for what no job told of (lost webhooks, nights)."""
    engine, sessions = make_sessions(settings.database_url, pool_size=settings.pool_size)
    wire = await asyncpg.connect(settings.database_url)
    try:
        async with httpx.AsyncClient(follow_redirects=False, trust_env=False) as client:
            gateway = HttpPaymentGateway(
                settings.gateway_url, settings.gateway_token.get_secret_value(), client
            )
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(_queue(wire, sessions, gateway, settings.code_key, clock))
                tasks.create_task(_every(SWEEP_EVERY_S, pay_due, sessions, gateway, clock))
                tasks.create_task(_every(REPORT_EVERY_S, fetch_report, sessions, gateway, clock))
                tasks.create_task(_every(LOOK_BACK_EVERY_S, look_back, sessions, gateway, clock))
                tasks.create_task(_every(BATCHES_EVERY_S, resume_batches, sessions, settings.code_key, clock))
                tasks.create_task(_every(EXPIRE_EVERY_S, expire, sessions, clock))
                tasks.create_task(_every(NEWS_EVERY_S, send_news, sessions, clock))
                tasks.create_task(_every(MEETINGS_EVERY_S, look_after_meetings, sessions, clock))
                tasks.create_task(_every(APPROVALS_EVERY_S, look_after_approvals, sessions, clock))
                tasks.create_task(_every(DOCUMENTS_EVERY_S, look_after_documents, sessions, clock))
                tasks.create_task(_every(FIGURES_EVERY_S, look_after_figures, sessions, clock))
                tasks.create_task(_every(PULSES_EVERY_S, ask_how_it_is, sessions, clock))
                tasks.create_task(_every(WATCH_EVERY_S, watch_over, sessions, clock))
                if settings.register_url:
                    register = HttpCompanyRegister(
                        settings.register_url, settings.register_token.get_secret_value(), client
                    )
                    tasks.create_task(_every(ASK_EVERY_S, ask_registers, sessions, register, clock))
    finally:
        await wire.close()
        await engine.dispose()


async def _queue(
    wire: "asyncpg.Connection[Any]", sessions: Sessions, gateway: PaymentGateway, key: bytes, clock: Clock
) -> None:
    queue = PgQueuer(AsyncpgDriver(wire))

    @queue.entrypoint("pay", executor_factory=DatabaseRetryEntrypointExecutor, on_failure="hold")
    async def pay_job(job: Job) -> None:
        if job.payload:
            await pay(sessions, gateway, UUID(bytes=bytes(job.payload)), clock)

    @queue.entrypoint("import", executor_factory=DatabaseRetryEntrypointExecutor, on_failure="hold")
    async def import_job(job: Job) -> None:
        if job.payload:
            await importing.run_import(sessions, UUID(bytes=bytes(job.payload)), clock)

    @queue.entrypoint("batch", executor_factory=DatabaseRetryEntrypointExecutor, on_failure="hold")
    async def batch_job(job: Job) -> None:
        if job.payload:
            await vouchers.run_batch(sessions, UUID(bytes=bytes(job.payload)), key=key, clock=clock)

    @queue.entrypoint("figures", executor_factory=DatabaseRetryEntrypointExecutor, on_failure="hold")
    async def figures_job(job: Job) -> None:
        if job.payload:
            async with sessions.begin() as db:
                await figures.count_outcomes(db, UUID(bytes=bytes(job.payload)), at=clock())

    await queue.run()


async def _every(seconds: float, work: Callable[..., Awaitable[object]], *given: object) -> None:
    """Do something again and again; a failure is logged and tried again the next time."""
    while True:
        try:
            await work(*given)
        except (OSError, httpx.HTTPError, GatewayUnreachable, asyncpg.PostgresError) as failed:
            log.warning("job_failed", job=getattr(work, "__name__", "?"), error=type(failed).__name__)
        except Exception:
            log.exception("job_failed", job=getattr(work, "__name__", "?"))
        await asyncio.sleep(seconds)


async def pay(sessions: Sessions, gateway: PaymentGateway, order_id: UUID, clock: Clock) -> None:
    """Take one payment order's next step: commit that it is being taken, call the gateway, write down the answer."""
    async with sessions.begin() as db:
        step = await settlement.next_step(db, order_id, at=clock())
    while step is not None:
        if step.kind is StepKind.SEND:
            outcome = await gateway.send(step.order_id, step.body)
            async with sessions.begin() as db:
                await settlement.record_sent(db, order_id, outcome, at=clock())
            return
        try:
            payment = await gateway.find(step.order_id)
        except GatewayUnreachable as unreachable:
            log.warning("gateway_unreachable", order=str(order_id), error=str(unreachable))
            return
        async with sessions.begin() as db:
            step = await settlement.record_found(db, order_id, payment, at=clock())


async def pay_due(sessions: Sessions, gateway: PaymentGateway, clock: Clock) -> int:
    """Take a step with every order that waits for one. Returns how many did."""
    async with sessions() as db:
        due = await settlement.list_due(db, at=clock())
    for order_id in due:
        await pay(sessions, gateway, order_id, clock)
    return len(due)


async def look_back(sessions: Sessions, gateway: PaymentGateway, clock: Clock) -> int:
    """Fetch the report of the last thirty days though all is matched: money that moved twice shows nowhere else."""
    return await fetch_report(sessions, gateway, clock, local_day(clock()) - LOOK_BACK)


async def fetch_report(
    sessions: Sessions, gateway: PaymentGateway, clock: Clock, since: date | None = None
) -> int:
    """Fetch the gateway's report from the oldest unmatched order on, or from a day, and match it.

    Returns how many lines matched.
    """
    if since is None:
        async with sessions() as db:
            since = await settlement.unmatched_since(db)
    if since is None:
        return 0
    lines = await gateway.report(since, local_day(clock()))
    async with sessions.begin() as db:
        return (await settlement.match_report(db, lines, at=clock())).matched


async def resume_batches(sessions: Sessions, key: bytes, clock: Clock) -> int:
    """Go on with batches of vouchers whose worker was stopped in the middle. Returns how many there were."""
    async with sessions() as db:
        stalled = await vouchers.list_stalled(db, at=clock())
    for batch_id in stalled:
        await vouchers.run_batch(sessions, batch_id, key=key, clock=clock)
    return len(stalled)


async def send_news(sessions: Sessions, clock: Clock) -> int:
    """Tell those who follow of drafts that open, close soon or are published. Returns how many were told."""
    total = 0
    while True:
        async with sessions.begin() as db:
            told = await dialogue.send_news(db, at=clock())
        total += told
        if not told:
            return total


async def expire(sessions: Sessions, clock: Clock) -> int:
    """Let time do its work: silence counts where the terms say so, old recorded sessions lapse, vouchers expire, unused
    value returns, consents end. Returns how many."""
    total = await hear_silence(sessions, clock)
    async with sessions.begin() as db:
        await vouchers.tell_of_endings(db, at=clock())
        await showings.erase(db, at=clock())
    while True:
        async with sessions.begin() as db:
            lapsed = await vouchers.lapse_due(db, at=clock())
            lapsed += await vouchers.release_spent(db, at=clock())
            expired, returned = await vouchers.expire_due(db, at=clock())
            returned += await outcomes.return_due(db, at=clock())
            ended = await guiding.end_due(db, at=clock()) + await envelopes.end_due(db, at=clock())
        total += lapsed + expired + ended
        if not (lapsed or expired or returned or ended):
            return total


async def look_after_meetings(sessions: Sessions, clock: Clock) -> int:
    """Remind of meetings, and let offered times that nobody answered go on to the next. Returns how many in all."""
    async with sessions.begin() as db:
        total = await booking.remind_due(db, at=clock())
    while True:
        async with sessions.begin() as db:
            passed = await booking.pass_unanswered(db, at=clock())
        total += passed
        if not passed:
            return total


async def look_after_approvals(sessions: Sessions, clock: Clock) -> int:
    """Close approvals of firms that are gone and of those that deliver nothing, and open what the register took back.

    Applicants are reminded of what they are to complete. Returns how many were closed, opened, warned or reminded.
    """
    changed = 0
    async with sessions.begin() as db:
        for answer, code in GONE.items():
            gone = await list_gone(db, answer.value, code.value, on=local_day(clock()))
            changed += await registry.sweep_pauses(db, gone, code, "", at=clock(), tell_desk=True)
        idle = await list_idle(db, on=local_day(clock()))
        changed += await registry.warn_idle(db, idle.to_warn, days=WARNED_BEFORE_DAYS, at=clock())
        changed += await registry.pause_idle(db, idle.to_close, at=clock())
        changed += await registry.remind_to_complete(db, at=clock())
    return changed


async def look_after_documents(sessions: Sessions, clock: Clock) -> int:
    """Remind owners of documents that end, close what rests on one that ended, and open what has been renewed.

    Returns how many reminders went out and how many approvals changed.
    """
    async with sessions.begin() as db:
        told = await evidence.remind(db, at=clock())
    async with sessions.begin() as db:
        return told + await registry.sweep_documents(db, at=clock())


async def look_after_figures(sessions: Sessions, clock: Clock) -> int:
    """Count the outcomes of each service once a day, as soon as the day has begun, and publish each month's figures.

    Returns how many services were counted.
    """
    async with sessions() as db:
        due = await figures.list_services_due(db, local_day(clock()))
    for service_id in due:
        async with sessions.begin() as db:
            await figures.count_outcomes(db, service_id, at=clock())
    async with sessions.begin() as db:
        await figures.publish_month(db, at=clock())
    return len(due)


async def ask_how_it_is(sessions: Sessions, clock: Clock) -> int:
    """Ask clients at the right time how it is, and once more who says nothing; count all figures once a day, for what
    was said fades. Returns how many were asked.
    """
    async with sessions.begin() as db:
        asked = await reviews.ask_due(db, at=clock())
        asked += await reviews.remind(db, at=clock())
    async with sessions() as db:
        due = await reviews.list_uncounted(db, on=local_day(clock()))
    for service_id in due:
        async with sessions.begin() as db:
            await reviews.count_all(db, service_id, on=local_day(clock()))
    return asked


async def watch_over(sessions: Sessions, clock: Clock) -> int:
    """Look once a day at what each procurer's firms do, and erase old traces. Returns how many flags were raised."""
    async with sessions.begin() as db:
        await watch.erase_traces(db, at=clock())
    async with sessions() as db:
        due = await watch.list_due(db, on=local_day(clock()))
    raised = 0
    for procurer_id in due:
        async with sessions.begin() as db:
            raised += await watch.look(db, procurer_id, at=clock())
    return raised


async def hear_silence(sessions: Sessions, clock: Clock) -> int:
    """Ask once more, then take silence for a yes, each session in its own transaction. Returns how many it took."""
    async with sessions.begin() as db:
        await vouchers.ask_again(db, at=clock())
    total = 0
    while True:
        async with sessions() as db:
            due = await vouchers.list_silent_due(db, at=clock())
        taken = 0
        for redemption_id in due:
            async with sessions.begin() as db:
                taken += await vouchers.confirm_silently(db, redemption_id, at=clock())
        total += taken
        if not taken:
            return total


async def ask_registers(sessions: Sessions, register: CompanyRegister, clock: Clock) -> int:
    """Ask the public registers about every firm whose turn it is, a few at once. Returns how many were asked about."""
    async with sessions() as db:
        firms = await list_firms_to_ask(db, list(Office), on=local_day(clock()), at=clock())
    turns = asyncio.Semaphore(ASK_AT_ONCE)

    async def in_turn(firm: FirmToAsk) -> None:
        async with turns:
            await _ask_about(sessions, register, firm, clock)

    async with asyncio.TaskGroup() as tasks:
        for firm in firms:
            tasks.create_task(in_turn(firm))
    return len(firms)


async def _ask_about(sessions: Sessions, register: CompanyRegister, firm: FirmToAsk, clock: Clock) -> None:
    """Ask each office of a firm, write down what it says or that it is silent, and tell registrars of what is bad."""
    heard: dict[Office, Told | str] = {}
    for name in firm.offices:
        office = Office(name)
        try:
            heard[office] = await register.ask(office, firm.business_id)
        except RegisterUnreachable as silence:
            heard[office] = str(silence)
    async with sessions.begin() as db:
        for office, said in heard.items():
            if isinstance(said, Told):
                try:
                    async with db.begin_nested():
                        await facts.keep(db, firm.provider_id, office, said, at=clock())
                    continue
                except NotUnderstood as wrong:
                    said = f"garbage: {wrong}"
            log.warning("register_unreachable", office=office.value, error=said)
            await facts.keep_silence(db, firm.provider_id, office, said, at=clock())
        for procurer_id in await facts.notice(db, firm.provider_id, firm.procurer_ids, at=clock()):
            for member in await people.list_members(db, procurer_id):
                if member.role is Role.REGISTRAR:
                    await people.notify(db, member.person_id, "firm_noticed", {}, at=clock())
