"""The knobs: how the gateway shall fail. All at rest, it is an honest gateway."""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field


class Failure(StrEnum):
    """What goes wrong when a payment is sent; before or after the order is safe in the book."""

    ERROR_BEFORE = "500_before"
    ERROR_AFTER = "500_after"
    CUT_BEFORE = "cut_before"
    CUT_AFTER = "cut_after"
    KILL_AFTER = "kill_after"

    @property
    def is_before(self) -> bool:
        """True when the order is lost before it reaches the book."""
        return self in (Failure.ERROR_BEFORE, Failure.CUT_BEFORE)


class Knobs(BaseModel):
    """Every knob, set as one whole: what a `PUT /knobs` does not name goes back to rest."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    settle_after: float = Field(
        default=0.3, ge=0, description="Seconds from acceptance to the moving of money."
    )
    delay_s: float = Field(
        default=0, ge=0, description="Seconds every answer about payments and reports waits."
    )
    fail: Failure | None = Field(default=None, description="What goes wrong when a payment is sent.")
    times: int | None = Field(default=None, ge=1, description="How often `fail` strikes; for ever when null.")
    too_many: int = Field(default=0, ge=0, description="How many sendings are answered 429.")
    retry_after_s: int = Field(default=1, ge=0, description="What the 429 asks the sender to wait.")
    forget_keys: bool = Field(
        default=False, description="Idempotency keys are forgotten: a repeat pays again."
    )
    wrong_echo: bool = Field(default=False, description="The answer to a sending names one cent too much.")
    reject_ibans: list[str] = Field(default=[], description="Accounts the bank sends the money back from.")
    partial_report: bool = Field(default=False, description="Every second line is missing from the reports.")
    duplicate_webhooks: int = Field(default=0, ge=0, le=100, description="Further copies of each webhook.")
    reorder_webhooks: bool = Field(default=False, description="Every second webhook is told a moment late.")
    drop_webhooks: bool = Field(default=False, description="Webhooks are never told.")
    late_webhooks_s: float = Field(default=0, ge=0, description="Seconds each webhook is held back.")
    missign_webhooks: bool = Field(default=False, description="Webhooks are signed with another secret.")
    stale_webhooks: bool = Field(default=False, description="Webhooks carry a time ten minutes past.")

    def after_failing(self) -> "Knobs":
        """The knobs once `fail` has struck once more."""
        if self.times is None:
            return self
        if self.times == 1:
            return self.model_copy(update={"fail": None, "times": None})
        return self.model_copy(update={"times": self.times - 1})
