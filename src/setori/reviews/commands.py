"""What a jobseeker may say of a coach."""

from typing import Annotated

from pydantic import Field, StringConstraints

from setori.errors import Invalid
from setori.people import Command, Empty
from setori.quality.experience import Item, score_of
from setori.reviews.rules import Complaint, ReplyDecision, ReportDecision

Point = Annotated[int, Field(ge=1, le=5)]


class AnswerPulse(Command):
    """From 1 (disagrees) to 5 (agrees) with each statement that one wants to answer, and words if one likes."""

    respect: Point | None = None
    plan: Point | None = None
    job_market: Point | None = None
    influence: Point | None = None
    recommend: Point | None = None
    text: Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000)] = ""

    @property
    def items(self) -> dict[Item, int | None]:
        """The answers by item."""
        return {item: getattr(self, item.value) for item in Item}

    @property
    def score(self) -> float:
        """The mean of what was answered, 1–5. Raises Invalid when nothing was."""
        score = score_of(self.items.values())
        if score is None:
            raise Invalid(errors={Item.RESPECT.value: "Answer one statement at least."})
        return score


class ReportReview(Command):
    """Why the words of a review should be looked at."""

    reason: Complaint
    words: Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)] = ""


class DecideReport(Command):
    """Hide them for a reason, or let them stand; with a few words for the file."""

    decision: ReportDecision
    hidden_for: Annotated[Complaint | None, Empty] = None
    words: Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)] = ""


class WriteReply(Command):
    """What a firm says to what a client said. Everybody reads it, so it tells nothing of the client."""

    text: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1000)]


class DecideReply(Command):
    """Show it to everybody, or refuse it for a reason."""

    decision: ReplyDecision
    refused_for: Annotated[Complaint | None, Empty] = None
