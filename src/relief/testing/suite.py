"""The conformance suite as a class of tests: subclass it, and each promise is a test of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from relief.testing.promises import DEFAULT
from relief.testing.search import conformance

if TYPE_CHECKING:
    from relief.testing.report import Report
    from relief.testing.subject import Allocate

__all__ = ["AllocatorTests"]


class AllocatorTests:
    """Tests of one allocator, for pytest.

    Attributes
    ----------
    allocate : staticmethod
        The allocator; see `relief.testing.conformance`.
    promises : tuple of str
        Those to try, a test each.
    max_examples, max_fen, seed : int
        As for `relief.testing.conformance`.

    Examples
    --------
    In a file of tests::

        class TestMine(relief.testing.AllocatorTests):
            allocate = staticmethod(mine)
    """

    allocate: ClassVar[Allocate]
    promises: ClassVar[tuple[str, ...]] = DEFAULT
    max_examples: ClassVar[int] = 4000
    max_fen: ClassVar[int] = 2**63 - 1
    seed: ClassVar[int] = 0
    _found: ClassVar[Report]

    def pytest_generate_tests(self, metafunc: Any) -> None:
        """Make a test of each promise."""
        if "promise" in metafunc.fixturenames:
            metafunc.parametrize("promise", metafunc.cls.promises)

    def test_promise(self, promise: str) -> None:
        """The allocator keeps the promise on every problem that was tried."""
        broken = self._report().broken
        if promise in broken:
            raise AssertionError(broken[promise].text())

    @classmethod
    def _report(cls) -> Report:
        # Of the class itself: one that inherits from another has an allocator of its own.
        if "_found" not in vars(cls):
            cls._found = conformance(
                cls.allocate,
                promises=cls.promises,
                max_examples=cls.max_examples,
                max_fen=cls.max_fen,
                seed=cls.seed,
            )
        return cls._found
