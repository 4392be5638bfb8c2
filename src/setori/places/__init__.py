"""placeholder"""
import setori.places.models  # noqa: F401
