"""What is written to people about their vouchers and personal budgets."""

from setori.web.i18n import N_

VOUCHERS: dict[str, tuple[str, str, str, str]] = {
    "pulse_asked": (
        N_("How is it with your coach?"),
        N_(
            "Five short statements, one minute, no signing in. Your name is not shown, and it helps the next one to "
            "choose."
        ),
        "/how-is-it/{code}",
        N_("Tell how it is"),
    ),
    "pulse_again": (
        N_("Would you still tell how it is with your coach?"),
        N_("Only if you like: we do not ask about this again. Your name is not shown."),
        "/how-is-it/{code}",
        N_("Tell how it is"),
    ),
    "voucher_issued": (
        N_("You have a voucher"),
        N_("You choose the coach, and the employment area pays. Take the voucher into use and look around."),
        "/claim/{claim_token}",
        N_("Take the voucher into use"),
    ),
    "voucher_ends": (
        N_("Your voucher ends soon"),
        N_("What is left of it can be used until {closes_on}. Your case worker can give it more time."),
        "/wallet",
        N_("Look at your voucher"),
    ),
    "voucher_extended": (
        N_("Your voucher is valid longer"),
        N_("Your case worker gave it time until {closes_on}. You need not do anything."),
        "/wallet",
        N_("Look at your voucher"),
    ),
    "envelope_given": (
        N_("You have a personal budget"),
        N_("Money has been set aside for you. See what it can be used for, and try out what would fit."),
        "/wallet/budgets/{envelope_id}",
        N_("Look at your budget"),
    ),
    "envelope_changed": (
        N_("Your personal budget was changed"),
        N_("Its amount, last day or limits are new. What your vouchers hold stays yours."),
        "/wallet/budgets/{envelope_id}",
        N_("Look at your budget"),
    ),
    "envelope_ended": (
        N_("Your personal budget has ended"),
        N_("Nothing new comes out of it. What your vouchers hold can still be used."),
        "/wallet/budgets/{envelope_id}",
        N_("Look at your budget"),
    ),
}
