"""Approvals that rest on a document: closed to new clients when it has run out, and opened when it is renewed."""

from datetime import datetime

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from setori.days import local_day
from setori.registry.operations.standing import sweep_pauses
from setori.registry.rules import ReasonCode


async def sweep_documents(db: AsyncSession, *, at: datetime) -> int:
    """Close what rests on a document that ran out more than its days of grace ago, and open what has been renewed.

    The worker calls it every minute, and whoever renews a document at once; two at a time go one after the other.
    Returns how many approvals changed.
    """
    connection = await db.connection()
    await connection.execute(text("select pg_advisory_xact_lock(hashtextextended('documents', 0))"))
    lapsed = (await connection.execute(text(LAPSED), {"day": local_day(at)})).scalars().all()
    return await sweep_pauses(db, lapsed, ReasonCode.EVIDENCE_EXPIRED, "", at=at, tell_desk=True)


LAPSED = """
select distinct approval_id from document_deadlines(cast(:day as date)) d
where closes_on <= cast(:day as date)
  and not exists (select from audit_entry e where e.subject_id = d.approval_id and e.action = 'approval.resumed'
                    and e.by_id is not null and e.at >= d.closes_on at time zone 'Europe/Helsinki')
order by 1
"""
"""What a registrar has opened by hand since is left open."""
