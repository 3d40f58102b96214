"""What must not hang: a bound that no slow or busy machine comes near, for what takes a moment."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["soon"]

HANGS = 20.0  # seconds of processor


@contextmanager
def soon() -> Iterator[None]:
    """Hold the block to an end within `HANGS`."""
    start = time.process_time()
    yield
    assert time.process_time() - start < HANGS
