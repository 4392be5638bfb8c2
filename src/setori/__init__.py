"""Setori: a marketplace of service vouchers with a register of approved providers.

A procurer (järjestäjä) publishes a rulebook, approves providers and issues vouchers; a jobseeker compares coaches and
chooses; sessions are confirmed by both sides, redeemed, settled, paid and reconciled; reviews flow back to the next
chooser. The domains, from the ground up: `places` (where), `people` (who), `ledger` (where the money is), `registry`
(may they), `catalogue` (what can be bought), `vouchers` (the promise), `reviews` (was it any good), `settlement` (who
gets paid). The faces above them: `web` for people, `api` for machines.
"""
