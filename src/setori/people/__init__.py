"""placeholder"""
import setori.people.models  # noqa: F401
