"""The jobseeker's face: the voucher, the choice, and one's own word on each session. Made for a phone."""

from setori.web.jobseeker import choosing, meetings, outcomes, sessions, wallet

routes = [*wallet.routes, *choosing.routes, *meetings.routes, *sessions.routes, *outcomes.routes]
