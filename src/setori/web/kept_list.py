"""The shortlist of whoever is not signed in: in the browser's own cookie, and nowhere here.

It holds ids that everybody can read in the catalogue, so it is not signed: whoever changes their own cookie changes
their own list. What is no list is an empty list. It moves into the account at sign-in.
"""

import base64
import binascii
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Response
from litestar.datastructures import Cookie

from setori import finding
from setori.db import Database
from setori.finding import LIST_AT_MOST, Pair
from setori.people import Actor, Role
from setori.web.given import Req

NAME = "list"
LIVES_S = 60 * 24 * 3600
PAIR = 32
NOBODY = bytes(16)


async def listed_by(request: Req, db: Database) -> list[Pair]:
    """Whom the reader wants to remember: in the account of a jobseeker, else in the browser."""
    actor: Actor | None = request.state.actor
    if actor is not None and actor.role is Role.JOBSEEKER:
        return await finding.list_shortlist(db, actor.person_id)
    return read(request)


def can_list(request: Req) -> bool:
    """Whether the reader is somebody who chooses: a jobseeker, or whoever is not signed in."""
    actor: Actor | None = request.state.actor
    return actor is None or actor.role is Role.JOBSEEKER


def read(request: Req) -> list[Pair]:
    """The browser's own list; what is none is empty."""
    told = request.cookies.get(NAME, "")
    try:
        data = base64.b64decode(told + "=" * (-len(told) % 4), b"-_", validate=True)
    except (binascii.Error, ValueError):
        return []
    if len(data) % PAIR:
        return []
    halves = [data[at : at + 16] for at in range(0, min(len(data), PAIR * LIST_AT_MOST), 16)]
    pairs = [
        (UUID(bytes=halves[at]), UUID(bytes=halves[at + 1]) if halves[at + 1] != NOBODY else None)
        for at in range(0, len(halves), 2)
    ]
    return list(dict.fromkeys(pairs))


def write(request: Req, answer: Response[Any], pairs: Sequence[Pair]) -> None:
    """Give the browser its list; an empty one is taken away."""
    if not pairs:
        answer.delete_cookie(NAME)
        return
    data = b"".join(one.bytes + (other.bytes if other else NOBODY) for one, other in pairs)
    answer.set_cookie(
        Cookie(
            key=NAME,
            value=base64.urlsafe_b64encode(data).decode().rstrip("="),
            path="/",
            httponly=True,
            samesite="lax",
            secure=request.state.is_https,
            max_age=LIVES_S,
        )
    )


async def move(request: Req, db: Database, answer: Response[Any], actor: Actor, at: datetime) -> None:
    """At sign-in: what the browser had goes into a jobseeker's account, as far as there is room."""
    pairs = read(request)
    if pairs and actor.role is Role.JOBSEEKER:
        await finding.add_to_shortlist(db, pairs, by=actor, at=at)
        answer.delete_cookie(NAME)
