"""Every number that the method of quality rests on: the rules and the public page of the method read the same ones."""

CONFIDENCE = 0.90
"""What an interval promises: the true value lies inside in nine cases out of ten."""

# Experience: what clients said, on 1–5.

SCALE = (1, 5)
"""From "I disagree entirely" to "I agree entirely"."""

MIDDLE_OF_SCALE = 3.0
"""What is expected of a programme in which nobody has answered yet, in points of the scale."""

HALF_LIFE_DAYS = 365
"""An answer of this age, in days, weighs half of one of today. It is never deleted for its age."""

ENOUGH_RESPONDENTS = 5
"""Below so many people the experience is told in words: too early to say."""

FEW_ANSWERED = 0.30
"""Below this share of answered invitations the figure is marked: few answered."""

VARIANCE_UNKNOWN = 1.0
"""How far people who met the same provider differ (variance, in points²), until there is enough to estimate it."""

VARIANCE_BOUNDS = (0.25, 4.0)
"""An estimated variance is kept in here: agreement by chance is not certainty, and 4 is the most that 1–5 allows."""

# How strongly little data is pulled to what is usual. For experience k counts people, for outcome expected outcomes.

K_UNKNOWN = 10.0
"""The pull until there is enough to estimate it: so many people (or expected outcomes) at the programme's mean."""

K_BOUNDS = (4.0, 50.0)
"""An estimated pull is kept in here."""

PROVIDERS_TO_ESTIMATE = 5
"""The pull is estimated once so many providers …"""

EACH_TO_ESTIMATE = 10
"""… have so many respondents (or finished clients) each."""

# Outcome: what came of it, as a share of the finished clients.

ENOUGH_FINISHED = 10
"""Below so many finished clients the outcome is told in words: too early to say."""

STRATUM_AT_LEAST = 20
"""A stratum with fewer clients than this in the whole programme is pooled into its level of need."""

UNEMPLOYED_MONTHS = (6, 24)
"""Bands of full months without work at issue: under 6, 6 to 24, over 24."""

AGES = (20, 25, 30)
"""Bands of age at issue begin at these birthdays: under 20, 20–24, 25–29, 30 and over."""

LASTING_MONTHS = (3, 6, 12)
"""An outcome is looked at after so many months: each has its own figure."""

# What is public.

LEAST_SHOWN = 5
"""A count below this is not published, nor can it be found by subtraction."""
