"""People are asked three times instead of once a session, and what they say is counted as a figure with an interval."""

from pathlib import Path

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0035"
down_revision = "0034"

SQL = Path(__file__).parent.parent / "sql"
ITEMS = ("respect", "plan", "job_market", "influence", "recommend")


def upgrade() -> None:
    """Lay the tables, make pulses of what was said so far, and take away the sums that were kept."""
    _pulse()
    _run("""
        drop trigger z_gives_way on review;
        drop trigger z_gives_way on redemption;
        drop function review_gives_way;
        drop function reversed_session_gives_way;
        drop function let_reviews_give_way;
        drop view check_rating_summaries_equal_reviews;
        drop view check_reviews_of_reversed_sessions_count_once;
        drop view check_reviews_come_from_confirmed_sessions;
    """)
    _review()
    op.drop_constraint("offering_rating_adds_up", "offering")
    for table in ("offering", "offering_coach"):
        op.drop_column(table, "review_count")
        op.drop_column(table, "rating_sum")
    _experience()
    _run((SQL / "pulses.sql").read_text(encoding="utf-8"))


def _run(script: str) -> None:
    op.get_bind().connection.dbapi_connection.run_async(lambda wire: wire.execute(script))  # type: ignore[union-attr]


def _stage(table: str) -> sa.Enum:
    return sa.Enum(
        *("start", "middle", "end"),
        name=f"{table}_stage_known",
        native_enum=False,
        create_constraint=True,
        length=40,
    )


def _at(name: str, *, nullable: bool = True) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _pulse() -> None:
    op.create_table(
        "pulse",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("procurer_id", sa.Uuid(), sa.ForeignKey("organisation.id"), nullable=False),
        sa.Column("voucher_id", sa.Uuid(), sa.ForeignKey("voucher.id"), nullable=False),
        sa.Column("person_id", sa.Uuid(), sa.ForeignKey("person.id"), nullable=False),
        sa.Column("provider_id", sa.Uuid(), sa.ForeignKey("organisation.id"), nullable=False),
        sa.Column("service_id", sa.Uuid(), sa.ForeignKey("service.id"), nullable=False),
        sa.Column("offering_id", sa.Uuid(), sa.ForeignKey("offering.id"), nullable=False),
        sa.Column("coach_id", sa.Uuid(), sa.ForeignKey("coach.id"), nullable=True),
        sa.Column("redemption_id", sa.Uuid(), sa.ForeignKey("redemption.id"), nullable=False),
        sa.Column("stage", _stage("pulse"), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(), nullable=True),
        _at("invited_at", nullable=False),
        _at("reminded_at"),
        _at("answered_at"),
        _at("closed_at"),
        sa.PrimaryKeyConstraint("id", name="pk_pulse"),
        sa.UniqueConstraint("code_hash", name="uq_pulse_code_hash"),
        sa.UniqueConstraint(
            *("voucher_id", "offering_id", "coach_id", "stage"),
            name="one_pulse_a_stage",
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.create_index("ix_pulse_person_id", "pulse", ["person_id", "invited_at"])
    op.create_index("ix_pulse_provider_id", "pulse", ["provider_id", "service_id"])
    op.create_index("ix_pulse_redemption_id", "pulse", ["redemption_id"])
    op.create_index(
        "ix_pulse_waiting",
        "pulse",
        ["invited_at"],
        postgresql_where=sa.text("answered_at is null and closed_at is null and reminded_at is null"),
    )
    op.create_index(
        "ix_redemption_resolved_at",
        "redemption",
        ["resolved_at"],
        postgresql_where=sa.text("status = 'confirmed'"),
    )
    op.create_index(
        "ix_choice_ended_at", "choice", ["ended_at"], postgresql_where=sa.text("ended_at is not null")
    )
    op.create_index(
        "ix_voucher_closed_at", "voucher", ["closed_at"], postgresql_where=sa.text("closed_at is not null")
    )


def _review() -> None:
    for name in ("service_id", "pulse_id"):
        op.add_column("review", sa.Column(name, sa.Uuid(), nullable=True))
    op.add_column("review", sa.Column("stage", _stage("review"), nullable=True))
    for item in ITEMS:
        op.add_column("review", sa.Column(item, sa.Integer(), nullable=True))
    op.add_column("review", sa.Column("score", sa.Float(), nullable=True))
    op.add_column("review", _at("hidden_at"))
    # The first word of a person about a coach is that of the start, the second of the middle, all later of the end.
    _run("""
        create temporary table told on commit drop as
          select w.id, v.id as voucher_id, v.procurer_id, v.service_id,
                 case row_number() over (partition by v.id, w.offering_id, w.coach_id order by w.written_at, w.id)
                   when 1 then 'start' when 2 then 'middle' else 'end' end as stage
            from review w join redemption r on r.id = w.redemption_id join voucher v on v.id = r.voucher_id;
        insert into pulse (id, procurer_id, voucher_id, person_id, provider_id, service_id, offering_id, coach_id,
                           redemption_id, stage, invited_at, answered_at)
          select distinct on (t.voucher_id, w.offering_id, w.coach_id, t.stage)
                 gen_random_uuid(), t.procurer_id, t.voucher_id, w.person_id, w.provider_id, t.service_id,
                 w.offering_id, w.coach_id, w.redemption_id, t.stage, w.written_at, w.written_at
            from told t join review w on w.id = t.id
           order by t.voucher_id, w.offering_id, w.coach_id, t.stage, w.written_at desc, w.id desc;
        update review w set stage = t.stage, service_id = t.service_id, recommend = w.rating, score = w.rating,
                            pulse_id = p.id
          from told t join pulse p on p.voucher_id = t.voucher_id and p.stage = t.stage
         where w.id = t.id and p.offering_id = w.offering_id and p.coach_id is not distinct from w.coach_id;
        update review w set replaced_at = null from pulse p where p.id = w.pulse_id and p.redemption_id = w.redemption_id;
        update review w set replaced_at = coalesce(w.replaced_at, now())
          from pulse p where p.id = w.pulse_id and p.redemption_id <> w.redemption_id;
    """)
    for name in ("service_id", "pulse_id", "stage", "score"):
        op.alter_column("review", name, nullable=False)
    op.drop_index("ix_review_coach_id", "review")
    op.drop_index("ix_review_offering_id", "review")
    op.drop_index("ix_review_provider_id", "review")
    op.drop_constraint("review_rating_in_bounds", "review")
    op.drop_column("review", "rating")
    op.drop_column("review", "redemption_id")
    op.create_foreign_key("fk_review_service_id_service", "review", "service", ["service_id"], ["id"])
    op.create_foreign_key("fk_review_pulse_id_pulse", "review", "pulse", ["pulse_id"], ["id"])
    on_scale = " and ".join(f"coalesce({item} between 1 and 5, true)" for item in ITEMS)
    op.create_check_constraint("review_items_on_scale", "review", on_scale)
    op.create_check_constraint("review_says_something", "review", f"num_nonnulls({', '.join(ITEMS)}) > 0")
    op.create_check_constraint("review_score_on_scale", "review", "score between 1 and 5")
    op.create_index("ix_review_offering_id", "review", ["offering_id", "written_at", "id"])
    op.create_index("ix_review_provider_id", "review", ["provider_id", "service_id"])
    op.create_index(
        "one_review_counts",
        "review",
        ["pulse_id"],
        unique=True,
        postgresql_where=sa.text("replaced_at is null"),
    )


def _experience() -> None:
    op.create_table(
        "experience_prior",
        sa.Column("service_id", sa.Uuid(), sa.ForeignKey("service.id"), nullable=False),
        sa.Column("mean", sa.Float(), nullable=False),
        sa.Column("k", sa.Float(), nullable=False),
        sa.Column("variance", sa.Float(), nullable=False),
        sa.Column("providers", sa.Integer(), nullable=False),
        sa.Column("respondents", sa.Integer(), nullable=False),
        sa.Column("counted_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("service_id", name="pk_experience_prior"),
    )
    op.create_table(
        "experience",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), sa.ForeignKey("organisation.id"), nullable=False),
        sa.Column("service_id", sa.Uuid(), sa.ForeignKey("service.id"), nullable=False),
        sa.Column("offering_id", sa.Uuid(), sa.ForeignKey("offering.id"), nullable=True),
        sa.Column("coach_id", sa.Uuid(), sa.ForeignKey("coach.id"), nullable=True),
        sa.Column("respondents", sa.Integer(), nullable=False),
        sa.Column("weight", sa.Float(), nullable=False),
        sa.Column("mean", sa.Float(), nullable=True),
        sa.Column("shrunk", sa.Float(), nullable=False),
        sa.Column("sd", sa.Float(), nullable=False),
        sa.Column("prior_mean", sa.Float(), nullable=False),
        sa.Column("prior_k", sa.Float(), nullable=False),
        sa.Column("prior_variance", sa.Float(), nullable=False),
        sa.Column("distribution", JSONB(), nullable=False),
        sa.Column("invited", sa.Integer(), nullable=False),
        sa.Column("answered", sa.Integer(), nullable=False),
        sa.Column("counted_on", sa.Date(), nullable=False),
        sa.CheckConstraint(
            "offering_id is not null or coach_id is null", name="experience_coach_in_offering"
        ),
        sa.CheckConstraint(
            "respondents >= 0 and 0 <= answered and answered <= invited", name="experience_counts"
        ),
        sa.CheckConstraint("shrunk between 1 and 5 and sd > 0", name="experience_on_scale"),
        sa.PrimaryKeyConstraint("id", name="pk_experience"),
        sa.UniqueConstraint(
            *("provider_id", "service_id", "offering_id", "coach_id"),
            name="experience_of_one",
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.create_index("ix_experience_offering_id", "experience", ["offering_id", "coach_id"])
    op.create_index("ix_experience_service_id", "experience", ["service_id", "counted_on"])


def downgrade() -> None:
    """There is no way back from a ledger but a backup."""
    raise RuntimeError("Setori's migrations only go forward: restore a backup instead.")
