"""placeholder"""
import setori.vouchers.models  # noqa: F401
