"""When people meet: coaches' hours, meetings that never overlap, the line of those who wait, calendar feeds."""

from pathlib import Path

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

SQL = Path(__file__).parent.parent / "sql"
WAYS = ("in_person", "video", "phone", "chat")
STATES = (
    *("offered", "booked", "met", "missed", "called_off", "called_off_late", "coach_away", "released"),
    "passed",
)
MINUTES_FIT = "minutes between 15 and 240 and buffer_minutes between 0 and 120"
IN_ORDER = "0 <= from_minute and from_minute < to_minute and to_minute <= 1440"
LIVE = "status in ('offered', 'booked')"


def code(table: str, column: str, *values: str, nullable: bool = False) -> sa.Column[str]:
    """A word of a list with a check of its own."""
    name = f"{table}_{column}_known"
    known = sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)
    return sa.Column(column, known, nullable=nullable)


def link(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    """A reference to another table's id."""
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=f"fk_{table}_{column}_{other}")


def moment(column: str, *, nullable: bool = False) -> sa.Column[object]:
    """An instant."""
    return sa.Column(column, sa.DateTime(timezone=True), nullable=nullable)


def whole(*columns: str) -> list[sa.Column[int]]:
    """Whole numbers."""
    return [sa.Column(column, sa.Integer(), nullable=False) for column in columns]


def ids(*columns: str, nullable: bool = False) -> list[sa.Column[object]]:
    """Ids."""
    return [sa.Column(column, sa.Uuid(), nullable=nullable) for column in columns]


def upgrade() -> None:
    """Lay the tables, then the hand-written SQL with the guards."""
    op.create_table(
        "weekly_hours",
        *ids("id", "coach_id"),
        *whole("weekday", "from_minute", "to_minute", "minutes", "buffer_minutes"),
        code("weekly_hours", "way", *WAYS),
        sa.Column("place", sa.String(length=300), nullable=False),
        sa.CheckConstraint("weekday between 1 and 7", name="weekly_hours_weekday_known"),
        sa.CheckConstraint(IN_ORDER, name="weekly_hours_in_order"),
        sa.CheckConstraint(MINUTES_FIT, name="weekly_hours_minutes_fit"),
        link("weekly_hours", "coach_id", "coach"),
        sa.PrimaryKeyConstraint("id", name="pk_weekly_hours"),
    )
    op.create_index("ix_weekly_hours_coach_id", "weekly_hours", ["coach_id"])
    op.create_table(
        "special_day",
        *ids("id", "coach_id"),
        sa.Column("on_day", sa.Date(), nullable=False),
        code("special_day", "kind", "away", "extra"),
        *whole("from_minute", "to_minute", "minutes", "buffer_minutes"),
        code("special_day", "way", *WAYS, nullable=True),
        sa.Column("place", sa.String(length=300), nullable=False),
        sa.CheckConstraint(IN_ORDER, name="special_day_in_order"),
        sa.CheckConstraint("(kind = 'extra') = (way is not null)", name="special_day_extra_has_a_way"),
        sa.CheckConstraint(MINUTES_FIT, name="special_day_minutes_fit"),
        link("special_day", "coach_id", "coach"),
        sa.PrimaryKeyConstraint("id", name="pk_special_day"),
    )
    op.create_index("ix_special_day_coach_id", "special_day", ["coach_id", "on_day"])
    op.create_table(
        "booking",
        *ids("id", "procurer_id", "voucher_id", "person_id", "coach_id"),
        *(moment(column) for column in ("starts_at", "ends_at", "busy_until")),
        code("booking", "way", *WAYS),
        sa.Column("place", sa.String(length=300), nullable=False),
        code("booking", "status", *STATES),
        *whole("sequence", "notice_hours"),
        sa.Column("late_uses", sa.Boolean(), nullable=False),
        sa.Column("no_show_uses", sa.Boolean(), nullable=False),
        *ids("arranged_by", nullable=True),
        moment("arranged_at"),
        moment("answer_by", nullable=True),
        *ids("closed_by", nullable=True),
        moment("closed_at", nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=False),
        *ids("redemption_id", nullable=True),
        sa.CheckConstraint("starts_at < ends_at and ends_at <= busy_until", name="booking_times_in_order"),
        sa.CheckConstraint(
            "(status = 'offered') <= (answer_by is not null)", name="booking_offer_has_an_end"
        ),
        sa.CheckConstraint(f"({LIVE}) = (closed_at is null)", name="booking_closed_with_its_state"),
        sa.CheckConstraint("notice_hours between 0 and 168", name="booking_notice_in_bounds"),
        sa.CheckConstraint("sequence >= 0", name="booking_sequence_counts"),
        link("booking", "procurer_id", "organisation"),
        *(link("booking", column, "person") for column in ("person_id", "arranged_by", "closed_by")),
        link("booking", "coach_id", "coach"),
        sa.PrimaryKeyConstraint("id", name="pk_booking"),
        sa.UniqueConstraint("redemption_id", name="uq_booking_redemption_id"),
    )
    for column in ("voucher_id", "person_id", "coach_id"):
        op.create_index(f"ix_booking_{column}", "booking", [column, "starts_at"])
    op.create_index("ix_booking_live", "booking", ["starts_at"], postgresql_where=sa.text(LIVE))
    op.create_table(
        "waiting_place",
        *ids("id", "procurer_id", "voucher_id", "person_id", "coach_id"),
        sa.Column("last_day", sa.Date(), nullable=False),
        *whole("notice_hours"),
        sa.Column("late_uses", sa.Boolean(), nullable=False),
        sa.Column("no_show_uses", sa.Boolean(), nullable=False),
        moment("since_at"),
        moment("left_at", nullable=True),
        link("waiting_place", "procurer_id", "organisation"),
        link("waiting_place", "person_id", "person"),
        link("waiting_place", "coach_id", "coach"),
        sa.PrimaryKeyConstraint("id", name="pk_waiting_place"),
    )
    waits = sa.text("left_at is null")
    op.create_index("one_waiting_place", "waiting_place", ["voucher_id"], unique=True, postgresql_where=waits)
    op.create_index("ix_waiting_place_person_id", "waiting_place", ["person_id"])
    op.create_index(
        "ix_waiting_place_line", "waiting_place", ["coach_id", "since_at", "id"], postgresql_where=waits
    )
    op.create_table(
        "booking_reminder",
        *ids("booking_id"),
        moment("starts_at"),
        *whole("hours"),
        moment("sent_at"),
        sa.CheckConstraint("hours in (3, 48)", name="booking_reminder_hours_known"),
        link("booking_reminder", "booking_id", "booking"),
        sa.PrimaryKeyConstraint("booking_id", "starts_at", "hours", name="pk_booking_reminder"),
    )
    op.create_table(
        "calendar_feed",
        *ids("id", "person_id"),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        moment("made_at"),
        moment("ended_at", nullable=True),
        link("calendar_feed", "person_id", "person"),
        sa.PrimaryKeyConstraint("id", name="pk_calendar_feed"),
        sa.UniqueConstraint("token_hash", name="uq_calendar_feed_token_hash"),
    )
    op.create_index(
        "one_live_feed",
        "calendar_feed",
        ["person_id"],
        unique=True,
        postgresql_where=sa.text("ended_at is null"),
    )
    script = (SQL / "booking.sql").read_text(encoding="utf-8")
    op.get_bind().connection.dbapi_connection.run_async(lambda wire: wire.execute(script))  # type: ignore[union-attr]


def downgrade() -> None:
    """There is no way back from a ledger but a backup."""
    raise RuntimeError("Setori's migrations only go forward: restore a backup instead.")
