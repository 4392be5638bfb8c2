"""placeholder"""
import setori.ledger.models  # noqa: F401
