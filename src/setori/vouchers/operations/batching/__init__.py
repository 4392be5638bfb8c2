"""Vouchers for many people at once: a file is read, looked at, issued in the background, and ended."""

from setori.vouchers.operations.batching.asking import check_again, end_batch, hand_in_batch, start_batch
from setori.vouchers.operations.batching.reading import COLUMNS, HEADS
from setori.vouchers.operations.batching.running import list_stalled, run_batch

__all__ = [
    "COLUMNS",
    "HEADS",
    "check_again",
    "end_batch",
    "hand_in_batch",
    "list_stalled",
    "run_batch",
    "start_batch",
]
