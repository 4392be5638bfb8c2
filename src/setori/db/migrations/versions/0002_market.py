"""The tables, second half: what stands on the ground of the first."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Create the tables as the models describe them."""
    op.create_table(
        "offering_coach",
        sa.Column("offering_id", sa.Uuid(), nullable=False),
        sa.Column("coach_id", sa.Uuid(), nullable=False),
        sa.Column("review_count", sa.Integer(), nullable=False),
        sa.Column("rating_sum", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["coach_id"], ["coach.id"], name=op.f("fk_offering_coach_coach_id_coach")),
        sa.ForeignKeyConstraint(
            ["offering_id"], ["offering.id"], name=op.f("fk_offering_coach_offering_id_offering")
        ),
        sa.PrimaryKeyConstraint("offering_id", "coach_id", name=op.f("pk_offering_coach")),
    )
    op.create_index("ix_offering_coach_coach_id", "offering_coach", ["coach_id"], unique=False)
    op.create_table(
        "payment_order",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("procurer_id", sa.Uuid(), nullable=False),
        sa.Column("statement_id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "queued",
                "sending",
                "submitted",
                "unknown",
                "paid",
                "matched",
                "failed",
                "frozen",
                name="payment_order_status_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("creditor_name", sa.String(length=200), nullable=False),
        sa.Column("creditor_iban", sa.String(length=34), nullable=False),
        sa.Column("reference", sa.String(length=35), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("first_sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("gateway_payment_id", sa.String(length=80), nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(status in ('paid', 'matched')) <= (paid_at is not null)",
            name=op.f("payment_order_paid_at_a_time"),
        ),
        sa.CheckConstraint("amount_cents > 0", name=op.f("payment_order_amount_positive")),
        sa.ForeignKeyConstraint(
            ["procurer_id"], ["organisation.id"], name=op.f("fk_payment_order_procurer_id_organisation")
        ),
        sa.ForeignKeyConstraint(
            ["provider_id"], ["organisation.id"], name=op.f("fk_payment_order_provider_id_organisation")
        ),
        sa.ForeignKeyConstraint(
            ["statement_id"], ["statement.id"], name=op.f("fk_payment_order_statement_id_statement")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_order")),
    )
    op.create_index(
        "ix_payment_order_due",
        "payment_order",
        ["next_at"],
        unique=False,
        postgresql_where=sa.text("status in ('queued', 'sending', 'submitted', 'unknown')"),
    )
    op.create_index(op.f("ix_payment_order_procurer_id"), "payment_order", ["procurer_id"], unique=False)
    op.create_index(
        "one_live_payment_order",
        "payment_order",
        ["statement_id"],
        unique=True,
        postgresql_where=sa.text("status <> 'failed'"),
    )
    op.create_table(
        "posting",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("procurer_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "appropriate",
                "deappropriate",
                "issue",
                "return",
                "redeem",
                "reverse",
                "settle",
                "unsettle",
                "pay",
                "match",
                name="posting_kind_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "phase",
            sa.Enum(
                "post",
                "hold",
                "capture",
                "release",
                name="posting_phase_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("debit_id", sa.Uuid(), nullable=False),
        sa.Column("credit_id", sa.Uuid(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("reference_id", sa.Uuid(), nullable=False),
        sa.Column("hold_id", sa.Uuid(), nullable=True),
        sa.Column("reverses_id", sa.Uuid(), nullable=True),
        sa.Column("booked_on", sa.Date(), nullable=False),
        sa.Column("posted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "(kind = 'reverse') = (reverses_id is not null)", name=op.f("posting_reverses_something")
        ),
        sa.CheckConstraint(
            "(phase in ('capture', 'release')) = (hold_id is not null)", name=op.f("posting_resolves_a_hold")
        ),
        sa.CheckConstraint("amount > 0 and amount < 100000000000", name=op.f("posting_amount_in_bounds")),
        sa.CheckConstraint("debit_id <> credit_id", name=op.f("posting_joins_two_accounts")),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_posting_by_id_person")),
        sa.ForeignKeyConstraint(["hold_id"], ["posting.id"], name=op.f("fk_posting_hold_id_posting")),
        sa.ForeignKeyConstraint(
            ["procurer_id", "credit_id"],
            ["account.procurer_id", "account.id"],
            name=op.f("fk_posting_procurer_id_credit_id_account"),
        ),
        sa.ForeignKeyConstraint(
            ["procurer_id", "debit_id"],
            ["account.procurer_id", "account.id"],
            name=op.f("fk_posting_procurer_id_debit_id_account"),
        ),
        sa.ForeignKeyConstraint(["reverses_id"], ["posting.id"], name=op.f("fk_posting_reverses_id_posting")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_posting")),
    )
    op.create_index("ix_posting_credit_id_booked_on", "posting", ["credit_id", "booked_on"], unique=False)
    op.create_index("ix_posting_debit_id_booked_on", "posting", ["debit_id", "booked_on"], unique=False)
    op.create_index(op.f("ix_posting_reference_id"), "posting", ["reference_id"], unique=False)
    for kind in ("issue", "settle", "unsettle", "pay", "match"):
        op.create_index(
            f"one_{kind}",
            "posting",
            ["reference_id"],
            unique=True,
            postgresql_where=sa.text(f"kind = '{kind}'"),
        )
    op.create_index(
        "one_resolution", "posting", ["hold_id"], unique=True, postgresql_where=sa.text("hold_id is not null")
    )
    op.create_index(
        "one_reversal",
        "posting",
        ["reverses_id"],
        unique=True,
        postgresql_where=sa.text("reverses_id is not null"),
    )
    op.create_table(
        "sign_in",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("secret_hash", sa.LargeBinary(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("membership_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["membership_id"], ["membership.id"], name=op.f("fk_sign_in_membership_id_membership")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_sign_in_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_sign_in_secret_hash")),
    )
    op.create_index(op.f("ix_sign_in_person_id"), "sign_in", ["person_id"], unique=False)
    op.create_table(
        "sign_in_link",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("membership_id", sa.Uuid(), nullable=True),
        sa.Column("next_path", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("for_demo", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["membership_id"], ["membership.id"], name=op.f("fk_sign_in_link_membership_id_membership")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_sign_in_link_person_id_person")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_sign_in_link")),
    )
    op.create_index(op.f("ix_sign_in_link_person_id"), "sign_in_link", ["person_id"], unique=False)
    op.create_table(
        "voucher",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("procurer_id", sa.Uuid(), nullable=False),
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "issued",
                "claimed",
                "chosen",
                "used",
                "expired",
                "cancelled",
                name="voucher_status_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("claim_hash", sa.LargeBinary(), nullable=True),
        sa.Column("units", sa.Integer(), nullable=False),
        sa.Column("units_used", sa.Integer(), nullable=False),
        sa.Column("units_held", sa.Integer(), nullable=False),
        sa.Column("price_cap_cents", sa.BigInteger(), nullable=False),
        sa.Column("value_cents", sa.BigInteger(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column("issued_by", sa.Uuid(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("expires_on >= starts_on", name=op.f("voucher_days_in_order")),
        sa.CheckConstraint(
            "units_used >= 0 and units_held >= 0 and units_used + units_held <= units",
            name=op.f("voucher_units_not_overdrawn"),
        ),
        sa.ForeignKeyConstraint(["issued_by"], ["person.id"], name=op.f("fk_voucher_issued_by_person")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_voucher_person_id_person")),
        sa.ForeignKeyConstraint(
            ["procurer_id", "programme_id"],
            ["programme.procurer_id", "programme.id"],
            name=op.f("fk_voucher_procurer_id_programme_id_programme"),
        ),
        sa.ForeignKeyConstraint(
            ["procurer_id"], ["organisation.id"], name=op.f("fk_voucher_procurer_id_organisation")
        ),
        sa.ForeignKeyConstraint(["service_id"], ["service.id"], name=op.f("fk_voucher_service_id_service")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_voucher")),
        sa.UniqueConstraint("claim_hash", name=op.f("uq_voucher_claim_hash")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_voucher_code_hash")),
        sa.UniqueConstraint("procurer_id", "id", name=op.f("uq_voucher_procurer_id_id")),
        postgresql_with={"fillfactor": 80},
    )
    op.create_index("ix_voucher_desk", "voucher", ["procurer_id", "status", "id"], unique=False)
    op.create_index(
        "ix_voucher_due",
        "voucher",
        ["expires_on"],
        unique=False,
        postgresql_where=sa.text("status in ('issued', 'claimed', 'chosen', 'used')"),
    )
    op.create_index("ix_voucher_issued_by", "voucher", ["issued_by", "id"], unique=False)
    op.create_index(op.f("ix_voucher_person_id"), "voucher", ["person_id"], unique=False)
    op.create_table(
        "answer",
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("criterion_id", sa.Uuid(), nullable=False),
        sa.Column("value", sa.String(length=4000), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_answer_application_id_application")
        ),
        sa.ForeignKeyConstraint(
            ["criterion_id"], ["criterion.id"], name=op.f("fk_answer_criterion_id_criterion")
        ),
        sa.PrimaryKeyConstraint("application_id", "criterion_id", name=op.f("pk_answer")),
    )
    op.create_table(
        "approval",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("procurer_id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("rulebook_id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=True),
        sa.Column("valid_during", postgresql.DATERANGE(), nullable=False),
        sa.Column(
            "closed_as",
            sa.Enum(
                "in_force",
                "suspended",
                "ended",
                name="approval_closed_as_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("closed_reason", sa.String(length=2000), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_approval_application_id_application")
        ),
        sa.ForeignKeyConstraint(
            ["procurer_id"], ["organisation.id"], name=op.f("fk_approval_procurer_id_organisation")
        ),
        sa.ForeignKeyConstraint(
            ["provider_id"], ["organisation.id"], name=op.f("fk_approval_provider_id_organisation")
        ),
        sa.ForeignKeyConstraint(
            ["rulebook_id"], ["rulebook.id"], name=op.f("fk_approval_rulebook_id_rulebook")
        ),
        sa.ForeignKeyConstraint(["service_id"], ["service.id"], name=op.f("fk_approval_service_id_service")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval")),
    )
    op.create_index("ix_approval_provider_id", "approval", ["provider_id"], unique=False)
    op.create_index("ix_approval_service_id", "approval", ["service_id", "procurer_id"], unique=False)
    op.create_table(
        "choice",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("procurer_id", sa.Uuid(), nullable=False),
        sa.Column("voucher_id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("offering_id", sa.Uuid(), nullable=False),
        sa.Column("coach_id", sa.Uuid(), nullable=True),
        sa.Column("rulebook_id", sa.Uuid(), nullable=False),
        sa.Column("unit_price_cents", sa.BigInteger(), nullable=False),
        sa.Column("chosen_on", sa.Date(), nullable=False),
        sa.Column("chosen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["coach_id"], ["coach.id"], name=op.f("fk_choice_coach_id_coach")),
        sa.ForeignKeyConstraint(
            ["offering_id"], ["offering.id"], name=op.f("fk_choice_offering_id_offering")
        ),
        sa.ForeignKeyConstraint(
            ["procurer_id", "voucher_id"],
            ["voucher.procurer_id", "voucher.id"],
            name=op.f("fk_choice_procurer_id_voucher_id_voucher"),
        ),
        sa.ForeignKeyConstraint(
            ["provider_id"], ["organisation.id"], name=op.f("fk_choice_provider_id_organisation")
        ),
        sa.ForeignKeyConstraint(
            ["rulebook_id"], ["rulebook.id"], name=op.f("fk_choice_rulebook_id_rulebook")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_choice")),
    )
    op.create_index(op.f("ix_choice_offering_id"), "choice", ["offering_id"], unique=False)
    op.create_index("ix_choice_provider_id", "choice", ["provider_id", "id"], unique=False)
    op.create_index(
        "one_current_choice",
        "choice",
        ["voucher_id"],
        unique=True,
        postgresql_where=sa.text("ended_at is null"),
    )
    op.create_table(
        "criterion_verdict",
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("criterion_id", sa.Uuid(), nullable=False),
        sa.Column("met", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(length=2000), nullable=False),
        sa.CheckConstraint("met or reason <> ''", name=op.f("criterion_verdict_unmet_has_reason")),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["application.id"],
            name=op.f("fk_criterion_verdict_application_id_application"),
        ),
        sa.ForeignKeyConstraint(
            ["criterion_id"], ["criterion.id"], name=op.f("fk_criterion_verdict_criterion_id_criterion")
        ),
        sa.PrimaryKeyConstraint("application_id", "criterion_id", name=op.f("pk_criterion_verdict")),
    )
    op.create_table(
        "decision",
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column(
            "outcome",
            sa.Enum(
                "draft",
                "submitted",
                "approved",
                "rejected",
                "withdrawn",
                name="decision_outcome_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.String(length=4000), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_decision_application_id_application")
        ),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name=op.f("fk_decision_decided_by_person")),
        sa.PrimaryKeyConstraint("application_id", name=op.f("pk_decision")),
    )
    op.create_table(
        "report_line",
        sa.Column("id", sa.String(length=80), nullable=False),
        sa.Column("payment_order_id", sa.Uuid(), nullable=True),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("creditor_iban", sa.String(length=34), nullable=False),
        sa.Column("reference", sa.String(length=60), nullable=False),
        sa.Column("booked_on", sa.Date(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("break_reason", sa.String(length=200), nullable=False),
        sa.CheckConstraint(
            "(payment_order_id is null) = (break_reason <> '')", name=op.f("report_line_matched_or_broken")
        ),
        sa.ForeignKeyConstraint(
            ["payment_order_id"],
            ["payment_order.id"],
            name=op.f("fk_report_line_payment_order_id_payment_order"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_line")),
    )
    op.create_index(
        "ix_report_line_breaks",
        "report_line",
        ["seen_at"],
        unique=False,
        postgresql_where=sa.text("break_reason <> ''"),
    )
    op.create_index(
        "one_line_an_order",
        "report_line",
        ["payment_order_id"],
        unique=True,
        postgresql_where=sa.text("payment_order_id is not null"),
    )
    op.create_table(
        "redemption",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("procurer_id", sa.Uuid(), nullable=False),
        sa.Column("voucher_id", sa.Uuid(), nullable=False),
        sa.Column("choice_id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("units", sa.Integer(), nullable=False),
        sa.Column("unit_price_cents", sa.BigInteger(), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("service_on", sa.Date(), nullable=False),
        sa.Column(
            "service_during",
            postgresql.DATERANGE(),
            sa.Computed("daterange(service_on, service_on, '[]')", persisted=True),
            nullable=True,
        ),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "held",
                "confirmed",
                "refused",
                "withdrawn",
                "lapsed",
                "reversed",
                name="redemption_status_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("resolved_by", sa.Uuid(), nullable=True),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmed_on", sa.Date(), nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.CheckConstraint(
            "(status = 'held') = (resolved_at is null)", name=op.f("redemption_resolved_once")
        ),
        sa.CheckConstraint(
            "amount_cents = units * unit_price_cents", name=op.f("redemption_amount_is_units_by_price")
        ),
        sa.CheckConstraint("units > 0", name=op.f("redemption_units_positive")),
        sa.ForeignKeyConstraint(["choice_id"], ["choice.id"], name=op.f("fk_redemption_choice_id_choice")),
        sa.ForeignKeyConstraint(
            ["procurer_id", "voucher_id"],
            ["voucher.procurer_id", "voucher.id"],
            name=op.f("fk_redemption_procurer_id_voucher_id_voucher"),
        ),
        sa.ForeignKeyConstraint(
            ["provider_id"], ["organisation.id"], name=op.f("fk_redemption_provider_id_organisation")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["person.id"], name=op.f("fk_redemption_recorded_by_person")
        ),
        sa.ForeignKeyConstraint(
            ["resolved_by"], ["person.id"], name=op.f("fk_redemption_resolved_by_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_redemption")),
    )
    op.create_index(op.f("ix_redemption_choice_id"), "redemption", ["choice_id"], unique=False)
    op.create_index("ix_redemption_provider_id", "redemption", ["provider_id", "id"], unique=False)
    op.create_index(
        "ix_redemption_settling",
        "redemption",
        ["procurer_id", "provider_id", "status", "confirmed_on"],
        unique=False,
    )
    op.create_index("ix_redemption_voucher_id", "redemption", ["voucher_id", "id"], unique=False)
    op.create_index(
        "ix_redemption_waiting",
        "redemption",
        ["recorded_at"],
        unique=False,
        postgresql_where=sa.text("status = 'held'"),
    )
    op.create_table(
        "review",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("redemption_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("offering_id", sa.Uuid(), nullable=False),
        sa.Column("coach_id", sa.Uuid(), nullable=True),
        sa.Column("rating", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(length=2000), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("rating between 1 and 5", name=op.f("review_rating_in_bounds")),
        sa.ForeignKeyConstraint(["coach_id"], ["coach.id"], name=op.f("fk_review_coach_id_coach")),
        sa.ForeignKeyConstraint(
            ["offering_id"], ["offering.id"], name=op.f("fk_review_offering_id_offering")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_review_person_id_person")),
        sa.ForeignKeyConstraint(
            ["provider_id"], ["organisation.id"], name=op.f("fk_review_provider_id_organisation")
        ),
        sa.ForeignKeyConstraint(
            ["redemption_id"], ["redemption.id"], name=op.f("fk_review_redemption_id_redemption")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review")),
        sa.UniqueConstraint("redemption_id", name=op.f("uq_review_redemption_id")),
    )
    op.create_index("ix_review_coach_id", "review", ["coach_id", "id"], unique=False)
    op.create_index("ix_review_offering_id", "review", ["offering_id", "id"], unique=False)
    op.create_index(op.f("ix_review_provider_id"), "review", ["provider_id"], unique=False)
    op.create_table(
        "statement_line",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("statement_id", sa.Uuid(), nullable=False),
        sa.Column("redemption_id", sa.Uuid(), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("amount_cents > 0", name=op.f("statement_line_amount_positive")),
        sa.ForeignKeyConstraint(
            ["redemption_id"], ["redemption.id"], name=op.f("fk_statement_line_redemption_id_redemption")
        ),
        sa.ForeignKeyConstraint(
            ["statement_id"], ["statement.id"], name=op.f("fk_statement_line_statement_id_statement")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_statement_line")),
        sa.UniqueConstraint("redemption_id", name=op.f("uq_statement_line_redemption_id")),
    )
    op.create_index(
        "ix_statement_line_statement_id", "statement_line", ["statement_id", "redemption_id"], unique=False
    )


def downgrade() -> None:
    """There is no way back from a ledger but a backup."""
    raise RuntimeError("Setori's migrations only go forward: restore a backup instead.")
