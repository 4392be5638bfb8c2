"""Checks a batch: its file is read, each row judged, and those found who have a voucher of the programme already."""

import asyncio
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from setori import people, places
from setori.db import new_id
from setori.people import Newcomer
from setori.vouchers import queries
from setori.vouchers.models import Batch, BatchRow, Terms
from setori.vouchers.operations.batching.judging import Asked, Ground, Problem, judge
from setori.vouchers.operations.batching.reading import Sheet, read
from setori.vouchers.rules import BatchStatus, RowStatus

ROWS_AT_ONCE = 1000


async def check(db: AsyncSession, batch: Batch, *, at: datetime) -> None:
    """Write down each row's verdict. Checking anew replaces what was found before."""
    await db.refresh(batch, ["file"])
    sheet = await asyncio.to_thread(read, batch.file)
    terms = await queries.newest_terms(db, batch.programme_id)
    await db.exec(delete(BatchRow).where(col(BatchRow.batch_id) == batch.id))
    batch.header, batch.unused_columns = list(sheet.header), list(sheet.unused)
    batch.failure, batch.failure_at = sheet.failure, sheet.failure_at[:120]
    batch.terms_id, batch.touched_at = terms.id, at
    batch.status = BatchStatus.UNUSABLE if sheet.failure else BatchStatus.CHECKED
    if sheet.failure:
        batch.finished_at, batch.file = at, b""
    await db.flush()
    rows = [] if sheet.failure else await _judge(db, batch, sheet, terms)
    for start in range(0, len(rows), ROWS_AT_ONCE):
        await db.exec(insert(BatchRow), params=rows[start : start + ROWS_AT_ONCE])


async def _judge(db: AsyncSession, batch: Batch, sheet: Sheet, terms: Terms) -> list[dict[str, Any]]:
    ground = await _ground(db, batch, terms)
    asked = await asyncio.to_thread(judge, sheet, ground)
    ids = {row.key: new_id() for row in asked if not row.is_refused}
    told = [
        Newcomer(ids[row.key], row.name, row.email, row.phone, row.language)
        for row in asked
        if not row.is_refused
    ]
    known = await people.find_jobseekers(db, told)
    live = await queries.list_with_live_voucher(db, batch.programme_id, set(known.values()))
    rows = []
    for row in asked:
        person_id = ids.get(row.key) if not row.is_refused else None
        has = live.get(known[person_id]) if person_id in known else None
        if has is not None:
            column = "email" if row.email else "phone"
            value = row.email or row.phone or ""
            row = row.with_problem(Problem("has_voucher", column, value, str(has), is_warning=True))
        rows.append(_row(batch, row) | {"person_id": person_id or new_id()})
    return rows


async def _ground(db: AsyncSession, batch: Batch, terms: Terms) -> Ground:
    area = await people.area_of(db, batch.procurer_id)
    all_of_them = await places.list_all_municipalities(db)
    codes = {name.casefold(): one.code for one in all_of_them for name in one.name.values()}
    codes |= {one.code: one.code for one in all_of_them}
    return Ground(terms, codes, frozenset(one.code for one in all_of_them if one.area_code == area))


def _row(batch: Batch, row: Asked) -> dict[str, Any]:
    status = RowStatus.WARNED if row.problems else RowStatus.GOOD
    return {
        "batch_id": batch.id,
        "number": row.line.number,
        "status": RowStatus.REFUSED if row.is_refused else status,
        "cells": list(row.line.cells),
        "problems": [problem.as_kept() for problem in row.problems],
        "name": row.name,
        "email": row.email,
        "phone": row.phone,
        "municipality_code": row.municipality_code,
        "language": row.language,
        "support_need": row.support_need,
        "unemployed": row.unemployed,
        "age_band": row.age_band,
        "units": row.units,
        "value_cents": row.value_cents,
        "voucher_id": new_id(),
    }
