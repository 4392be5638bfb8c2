"""The market dialogue, open to everybody: drafts up for comments, what was said, and news for those who follow."""

from setori.web.dialogue import following, mending, speaking

routes = [*speaking.routes, *mending.routes, *following.routes]
