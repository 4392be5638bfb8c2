"""The dialogue: what was put up for comments, what was said of it, the answers, and who wants to hear of the next."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, Index
from sqlalchemy import Enum as SaEnum
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from setori.db import choice, instant, key, texts
from setori.dialogue.rules import News, RemarkKind, Shows, Verdict
from setori.texts import Texts


class Dialogue(SQLModel, table=True):
    """A draft rulebook as it was put up: `terms` are its criteria at that moment. It is only ever prolonged."""

    id: UUID = key()
    rulebook_id: UUID = Field(foreign_key="rulebook.id", unique=True)
    procurer_id: UUID = Field(foreign_key="organisation.id", index=True)
    service_id: UUID = Field(foreign_key="service.id")
    title: Texts = texts()
    terms: list[dict[str, Any]] = Field(sa_type=JSONB, nullable=False)
    intro: Texts = texts()
    shows: Shows = choice(Shows, "dialogue", "shows")
    closes_on: date
    opened_at: datetime = instant()
    opened_by: UUID = Field(foreign_key="person.id")


class Reply(SQLModel, table=True):
    """The procurer's answer to one or several; nothing in it changes."""

    id: UUID = key()
    dialogue_id: UUID = Field(foreign_key="dialogue.id", index=True)
    verdict: Verdict | None = choice(Verdict, "reply", "verdict", nullable=True)
    text: str = Field(max_length=4000)
    replied_by: UUID = Field(foreign_key="person.id")
    replied_at: datetime = instant()


class Remark(SQLModel, table=True):
    """A comment or a question. An outsider's counts once its link was opened; the link's secret is kept as a hash.

    Its author mends or withdraws it while the dialogue is open. Former words are in the audit trail, and what was
    withdrawn keeps its words here, shown to nobody.
    """

    __table_args__ = (
        CheckConstraint("token_hash is not null or verified_at is not null", name="remark_is_somebodys"),
        CheckConstraint("reply_id is null or verified_at is not null", name="remark_answered_when_verified"),
        CheckConstraint(
            "verified_at is not null or (mended_at is null and withdrawn_at is null)",
            name="remark_changes_when_verified",
        ),
        Index("ix_remark_dialogue_id", "dialogue_id", "position", "id"),
    )

    id: UUID = key()
    dialogue_id: UUID = Field(foreign_key="dialogue.id")
    kind: RemarkKind = choice(RemarkKind, "remark", "kind")
    code: str | None = Field(default=None, max_length=20)
    position: int = Field(default=0)
    author_id: UUID = Field(foreign_key="person.id", index=True)
    provider_id: UUID | None = Field(default=None, foreign_key="organisation.id")
    author_name: str = Field(max_length=200)
    text: str = Field(max_length=4000)
    written_at: datetime = instant()
    token_hash: bytes | None = Field(default=None, unique=True)
    verified_at: datetime | None = instant(nullable=True)
    reply_id: UUID | None = Field(default=None, foreign_key="reply.id", index=True)
    mended_at: datetime | None = instant(nullable=True)
    withdrawn_at: datetime | None = instant(nullable=True)


class Subscription(SQLModel, table=True):
    """That somebody wants to hear of rulebooks. With `leave_token`, which every letter carries, one can only leave."""

    __table_args__ = (
        Index(
            "one_subscription",
            "person_id",
            "area_code",
            "service_id",
            unique=True,
            postgresql_nulls_not_distinct=True,
        ),
    )

    id: UUID = key()
    person_id: UUID = Field(foreign_key="person.id")
    area_code: str | None = Field(default=None, foreign_key="area.code", max_length=4)
    service_id: UUID | None = Field(default=None, foreign_key="service.id")
    token_hash: bytes = Field(unique=True)
    leave_token: str = Field(max_length=60, unique=True)
    asked_at: datetime = instant()
    verified_at: datetime | None = instant(nullable=True)
    ended_at: datetime | None = instant(nullable=True)


_NEWS = SaEnum(
    News,
    native_enum=False,
    values_callable=lambda members: [member.value for member in members],
    create_constraint=True,
    validate_strings=True,
    length=40,
    name="news_sent_news_known",
)


class NewsSent(SQLModel, table=True):
    """That one was told one thing of one rulebook: never twice."""

    __tablename__ = "news_sent"

    subscription_id: UUID = Field(primary_key=True, foreign_key="subscription.id")
    rulebook_id: UUID = Field(primary_key=True, foreign_key="rulebook.id")
    news: News = Field(sa_column=Column("news", _NEWS, primary_key=True))
    sent_at: datetime = instant()
