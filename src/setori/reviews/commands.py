"""What a jobseeker may say of a session."""

from typing import Annotated

from pydantic import Field, StringConstraints

from setori.people import Command


class WriteReview(Command):
    """From 1 (poor) to 5 (very good), and words if one wants to add some."""

    rating: int = Field(ge=1, le=5)
    text: Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000)] = ""
