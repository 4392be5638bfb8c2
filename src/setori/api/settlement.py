"""Statements for whoever they concern, and the gateway's webhook."""

from typing import Annotated, Any

from litestar import Request, get, post
from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from setori import settlement
from setori.api.given import By, Db, Now
from setori.api.problems import problems
from setori.api.views import Stated, Statements
from setori.errors import SetoriError
from setori.settings import Settings
from setori.settlement import BadEvent, BadSignature

LONGEST_EVENT = 64 * 1024


class UnreadableEvent(SetoriError):
    """The gateway signed it, and it cannot be kept: nothing is lost, for an event is only a hint."""

    status = 422
    sentence = "The event is not a JSON object that can be kept."


class NotTheGateway(SetoriError):
    """The signature is not the gateway's, or it is too old."""

    status = 401
    sentence = "The signature does not fit."


@get(
    "/statements",
    summary="Statements of one's own organisation",
    responses=problems(400, 401, 403, 422),
)
async def list_statements(
    db: Db,
    now: Now,
    by: By,
    after: Annotated[int | None, QueryParameter(ge=0, le=2_147_483_647)] = None,
) -> Statements:
    """A provider sees its own statements from every procurer, a procurer those that it has closed."""
    listed, following = await settlement.list_statements(db, by=by, after=after)
    return Statements(
        items=[
            Stated(
                id=row.id,
                number=row.number,
                month=row.month,
                procurer_id=row.procurer_id,
                provider_id=row.provider_id,
                status=row.status,
                payment_status=row.payment_status,
                sessions=row.line_count,
                total_cents=row.total_cents,
            )
            for row in listed
        ],
        next=str(following) if following else None,
    )


@post("/webhooks/payments", include_in_schema=False, status_code=200)
async def receive(
    request: Request[Any, Any, State], db: Db, now: Now, settings: NamedDependency[Settings]
) -> dict[str, bool]:
    """An event of the gateway: signed, stored once, and only a hint. Raises NotTheGateway and UnreadableEvent."""
    raw = await request.body()
    secrets = settings.gateway_webhook_secret.get_secret_value().split()
    try:
        if len(raw) > LONGEST_EVENT:
            raise BadSignature("too long")
        event_id, payload = settlement.verify_webhook(dict(request.headers), raw, secrets, now)
    except BadSignature as wrong:
        raise NotTheGateway from wrong
    except BadEvent as wrong:
        raise UnreadableEvent from wrong
    return {"new": await settlement.receive_event(db, event_id, payload, at=now)}


routes = [list_statements]
webhooks = [receive]
