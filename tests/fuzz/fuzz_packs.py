"""Fuzz the loader of rule packs with spoilt bytes: ``python -m tests.fuzz.fuzz_packs [seconds] [seed]``.

First every hostile pack, then mutants of those that ship and of the malformed ones in
``tests/bad_packs``. Each must load or be refused with a `ReliefError` that has its words in both
languages. Printed: how many of each, the longest time of one, and the largest memory of the
process. Anything else that was raised ends the run with the seed that makes it again.
"""

from __future__ import annotations

import random
import resource
import sys
import time
from collections import Counter

from tests.fuzz.hostile import hostile_packs
from tests.fuzz.mutants import originals, spoilt

from relief.errors import ReliefError
from relief.rulepack.pack import parse_pack


def tried(folder: dict[str, bytes]) -> tuple[str, float]:
    """Return the code of the error, or ``loaded``, and how long it took."""
    start = time.process_time()
    try:
        parse_pack({"fuzzed": folder}, "fuzzed")
        code = "loaded"
    except ReliefError as error:
        code = error.code
        for text in (error.text("zh"), error.text("en")):
            text.encode("utf-8")  # a message that cannot be printed is no answer
    return code, time.process_time() - start


def memory() -> float:
    """Return the largest memory of the process so far, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def try_hostile() -> None:
    """Try each hostile pack once, and print the slowest few."""
    tried({"pack.yaml": b""})
    bare, times = memory(), {name: tried(folder) for name, folder in hostile_packs().items()}
    print(f"{len(times)} hostile packs; memory before {bare:.0f} MiB, at most {memory():.0f} MiB")
    for name, (code, seconds) in sorted(times.items(), key=lambda item: -item[1][1])[:5]:
        print(f"  {seconds:.2f} s {name} ({code})")


def main(seconds: float, seed: int) -> None:
    """Fuzz for so long, then print what came of it."""
    try_hostile()
    packs = originals()
    codes: Counter[str] = Counter()
    longest, end = (0.0, seed), time.monotonic() + seconds
    while time.monotonic() < end:
        chance = random.Random(seed)
        folder = dict(chance.choice(packs))
        file = chance.choice(sorted(folder))
        folder[file] = spoilt(folder[file], chance)
        try:
            code, taken = tried(folder)
        except Exception:
            print(f"seed {seed}: {file}:\n{folder[file]!r}")
            raise
        codes[code] += 1
        longest = max(longest, (taken, seed))
        seed += 1
    print(f"{codes.total():,} packs, {codes['loaded']:,} loaded, {len(codes) - 1} kinds of refusal")
    print(f"longest {longest[0]:.3f} s of processor (seed {longest[1]}), memory at most {memory():.0f} MiB")
    for code, count in codes.most_common():
        print(f"{count:>9,} {code}")


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 60.0, int(sys.argv[2]) if len(sys.argv) > 2 else 0)
