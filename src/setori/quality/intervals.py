"""The normal deviate of the interval that all figures share, and Wilson's interval of a share."""

from math import sqrt
from statistics import NormalDist

from setori.quality.constants import CONFIDENCE


def deviate(confidence: float = CONFIDENCE) -> float:
    """How many standard deviations to each side a normal interval of this confidence reaches: 1.645 for 90 %."""
    return NormalDist().inv_cdf((1 + confidence) / 2)


DEVIATE = deviate()


def wilson(share: float, n: float, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """The interval of a share 0…1 seen among n cases (n > 0, need not be whole). It contains the share.

    Source: E. B. Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22 (1927).
    """
    if n <= 0 or not 0 <= share <= 1:
        raise ValueError("a share lies in 0…1 and rests on more than no case")
    z2 = deviate(confidence) ** 2
    middle = (share + z2 / (2 * n)) / (1 + z2 / n)
    reach = sqrt(z2 * (share * (1 - share) / n + z2 / (4 * n * n))) / (1 + z2 / n)
    return min(share, max(0.0, middle - reach)), max(share, min(1.0, middle + reach))
