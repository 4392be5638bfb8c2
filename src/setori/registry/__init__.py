"""placeholder"""
import setori.registry.models  # noqa: F401
