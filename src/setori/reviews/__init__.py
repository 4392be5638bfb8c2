"""placeholder"""
import setori.reviews.models  # noqa: F401
