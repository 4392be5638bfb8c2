"""Refusals: what Setori says when something cannot be done, as a sentence a person can act on."""

from typing import Any


class SetoriError(Exception):
    """A refusal. `sentence` is an English message with `{name}` places, translated at the face; `params` fill them.

    A sentence that counts is about one; `plural` is about any other number, and the parameter `counted` tells which.
    """

    status = 400
    sentence = "This could not be done."
    plural = ""
    counted = ""

    def __init__(self, sentence: str | None = None, **params: Any) -> None:
        if sentence is not None:
            self.sentence, self.plural = sentence, ""
        self.params = params
        said = self.plural if self.plural and self.number != 1 else self.sentence
        super().__init__(said.format(**params) if params else said)

    @property
    def number(self) -> int:
        """How many the sentence is about; one when it does not count."""
        return int(self.params.get(self.counted, 1))

    @property
    def code(self) -> str:
        """The refusal's stable name for machines: the class name in small letters with hyphens."""
        name = type(self).__name__
        return "".join(f"-{c.lower()}" if c.isupper() and i else c.lower() for i, c in enumerate(name))


class NotFound(SetoriError):
    """It does not exist, or it is not for these eyes: the two are told apart by nobody."""

    status = 404
    sentence = "We could not find that."


class Forbidden(SetoriError):
    """The person is known, and this role may not do it."""

    status = 403
    sentence = "Your role does not allow this."


class Conflict(SetoriError):
    """Well formed, and refused by the state of things."""

    status = 409
    sentence = "This cannot be done as things stand now."


class Invalid(SetoriError):
    """The input itself is wrong; `errors` names each field and the way out."""

    status = 422
    sentence = "Check the fields that are marked."

    def __init__(
        self, sentence: str | None = None, errors: dict[str, str] | None = None, **params: Any
    ) -> None:
        super().__init__(sentence, **params)
        self.errors: dict[str, str] = errors or {}
