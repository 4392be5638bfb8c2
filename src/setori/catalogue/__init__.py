"""placeholder"""
import setori.catalogue.models  # noqa: F401
