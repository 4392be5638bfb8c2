"""The jobseeker's face: the voucher, the choice, and one's own word on each session. Made for a phone."""

from setori.web.jobseeker import by_code, choosing, envelopes, meetings, outcomes, pulses, sessions, wallet

routes = [
    *wallet.routes,
    *by_code.routes,
    *choosing.routes,
    *envelopes.routes,
    *meetings.routes,
    *sessions.routes,
    *outcomes.routes,
    *pulses.routes,
]
