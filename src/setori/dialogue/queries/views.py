"""What pages know of a dialogue: frozen, and only what the reader may see."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from setori.dialogue.rules import DialogueStatus, RemarkKind, Shows, Verdict
from setori.registry import RulebookStatus, Term
from setori.texts import Texts


@dataclass(frozen=True, slots=True)
class DialogueRow:
    """A dialogue in a list."""

    id: UUID
    rulebook_id: UUID
    procurer_id: UUID
    procurer_name: str
    area_code: str | None
    service_id: UUID
    title: Texts
    version: int
    rulebook_status: RulebookStatus
    shows: Shows
    closes_on: date
    opened_at: datetime
    published_at: datetime | None
    status: DialogueStatus


@dataclass(frozen=True, slots=True)
class DialogueView:
    """A dialogue with what was put up. Counts are of what is verified, by the criterion's code (None: the whole)."""

    row: DialogueRow
    intro: Texts
    terms: list[Term]
    comments: int
    questions: int
    unanswered: int
    by_code: dict[str | None, int]


@dataclass(frozen=True, slots=True)
class ReplyView:
    """The procurer's answer."""

    id: UUID
    verdict: Verdict | None
    text: str
    replied_at: datetime


@dataclass(frozen=True, slots=True)
class RemarkView:
    """A comment, or a question, which is shown without a name. `reply` is there when the reader may see it."""

    id: UUID
    kind: RemarkKind
    code: str | None
    author_name: str
    is_provider: bool
    text: str
    written_at: datetime
    reply: ReplyView | None
    mended_at: datetime | None = None
    is_withdrawn: bool = False
    """Taken back by its author: nobody sees the words, and nobody need answer them."""
    is_mine: bool = False
    """Whether the reader may mend and withdraw it while the dialogue is open."""


@dataclass(frozen=True, slots=True)
class OwnRemark:
    """What somebody wrote, for its author: `can_change` while the dialogue is open and it is not withdrawn."""

    id: UUID
    dialogue_id: UUID
    title: Texts
    kind: RemarkKind
    code: str | None
    text: str
    closes_on: date
    is_verified: bool
    is_withdrawn: bool
    is_answered: bool
    is_open: bool

    @property
    def can_change(self) -> bool:
        """Whether it can be withdrawn; mended, as long as it is not answered either."""
        return self.is_open and self.is_verified and not self.is_withdrawn


@dataclass(frozen=True, slots=True)
class SubscriptionView:
    """What somebody follows."""

    email: str
    area_code: str | None
    service_id: UUID | None
    is_live: bool
