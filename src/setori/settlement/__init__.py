"""placeholder"""
import setori.settlement.models  # noqa: F401
