"""How good somebody is, as far as the data can tell: experience, outcome, the order of a list, and what may be public.

Pure rules on plain values: no database, no web, no clock and no luck that cannot be repeated. Experience (what clients
said) and outcome (what happened afterwards) are two figures, never mixed; only experience enters the order.
Every number that the method rests on stands in `constants`, from which the public page of the method is made as well.
"""

from setori.quality import constants, experience, order, outcome, suppress
from setori.quality.intervals import wilson

__all__ = ["constants", "experience", "order", "outcome", "suppress", "wilson"]
