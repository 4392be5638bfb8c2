"""What a voucher out of a personal budget takes from it. Pure."""

from setori.errors import Invalid


def set_aside(price_cents: int, sessions: int, *, cap_cents: int, holds_money: bool) -> tuple[int, int]:
    """(sessions, cents) of a voucher that pays for so many sessions at a price.

    One that holds sessions takes the highest price of its terms for each, and gives back what they cost less; one that
    holds money takes what they cost, and never less than one session at the highest price.
    """
    if holds_money:
        return 0, max(sessions * price_cents, cap_cents)
    return sessions, sessions * cap_cents


def worth_of(
    units: int | None,
    value_cents: int | None,
    *,
    cap_cents: int,
    holds_money: bool,
    usual_units: int | None,
    usual_cents: int,
) -> tuple[int, int]:
    """(sessions, cents) of a voucher as a case worker gives it; left empty, the programme decides. Raises Invalid."""
    if holds_money:
        if units is not None:
            raise Invalid(errors={"units": "This programme's vouchers hold money, not a number of sessions."})
        cents = value_cents or usual_cents
        if cents < cap_cents:
            says = "The value must pay for at least one session at the highest price."
            raise Invalid(errors={"value_cents": says})
        return 0, cents
    if value_cents is not None:
        says = "This programme's vouchers hold a number of sessions, not money."
        raise Invalid(errors={"value_cents": says})
    count = units or usual_units or 1
    return count, count * cap_cents
