"""What the schema tells of refusals: RFC 9457 problem documents, by status, as each operation really answers."""

from dataclasses import dataclass

from litestar.openapi.datastructures import ResponseSpec

_SAYS = {
    400: "The request cannot be read: not JSON, or nested too deeply.",
    401: "The bearer token is missing, unknown, revoked or too old.",
    403: "Whoever holds the token may not do this.",
    404: "There is no such thing, or it is another organisation's.",
    409: "The books or the state refuse it; `type` says why, and nothing was changed.",
    422: "Fields are missing, unknown or not as they should be; `errors` names each.",
}


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a request was refused. `type` is `urn:setori:problem:` and a code; `errors` has a sentence for each field."""

    type: str
    title: str
    status: int
    detail: str
    errors: dict[str, str] | None = None


def problems(*statuses: int) -> dict[int, ResponseSpec]:
    """The refusals of an operation, for its `responses`."""
    return {
        status: ResponseSpec(
            Problem,
            description=_SAYS[status],
            media_type="application/problem+json",
            generate_examples=False,
        )
        for status in statuses
    }
