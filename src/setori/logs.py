"""What is written to the log, and what never is: no local variables, so no tokens, cookies, codes or bodies."""

import structlog

SECRET = ("token", "secret", "authorization", "cookie", "code", "password", "iban")
"""A field with one of these in its name is not written, whoever logs it."""


def configure() -> None:
    """Set the log up, once in a process.

    The fault itself and its lines are written, and not the variables beside them: those of a request hold its bearer
    token and everything that was typed.
    """
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            without_secrets,
            structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
        ],
        cache_logger_on_first_use=True,
    )


def without_secrets(
    logger: object, method: str, event: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    """The event without the values of fields that may hold a secret."""
    return {
        name: "…" if any(word in name.lower() for word in SECRET) else value for name, value in event.items()
    }
