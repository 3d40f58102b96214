"""How long the report takes to make, how large it is, and how fast it answers in a browser.

    python benchmarks/report.py [HOUSEHOLDS]

The flat households of ``main_job.py`` (5,000 unless told), masked. In headless chromium the page is
loaded, then a search is typed letter by letter and every column is sorted twice; each time is from
the event to the next frame that is painted. Prints milliseconds per key stroke and per sort.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.main_job import flat_households

import relief
from relief.report import charts, report

CHROMIUM = Path("/usr/bin/chromium")
SEARCHES = ("新会区 认定", "h0000042", "12,345", "住房不超过一套")
# From the event until the frame after it is done.
TIMED = """async (act) => {
  const begin = performance.now();
  (new Function(act))();
  const work = performance.now() - begin;
  await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  return [work, performance.now() - begin];
}"""


def main(households: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        flat = Path(folder, "flat.csv")
        flat_households(flat, households)
        round_ = relief.run(flat, "jiangmen-2021", households * 600_00, on="2021-09-30")
        print(f"{households:,} households, {round_.counts['awarded']:,} awarded")
        begin = time.process_time()
        page = report(round_)
        made = time.process_time() - begin
        begin = time.process_time()
        drawn = charts(round_)
        print(f"  report: {made:.1f} s, {len(page) / 1e6:.1f} MB; charts: {time.process_time() - begin:.1f} s, "
              f"{sum(map(len, drawn.values())) / 1e3:.0f} kB")  # fmt: skip
        file = Path(folder, "report.html")
        file.write_bytes(page)
        if CHROMIUM.exists():
            in_browser(file)
        else:
            print("  no chromium here: tools/install-browser.sh")


def in_browser(file: Path) -> None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        # The clock runs code of this benchmark in the page, which the page's own policy forbids.
        tab = browser.new_context(bypass_csp=True, viewport={"width": 1280, "height": 900}).new_page()
        begin = time.perf_counter()
        tab.goto(file.as_uri())
        print(f"  loaded and ready: {time.perf_counter() - begin:.1f} s")

        def timed(act: str) -> tuple[float, float]:
            work, painted = tab.evaluate(TIMED, act)
            return work, painted

        typed = [
            f"const q = document.getElementById('q'); q.value = {text[:end]!r};"
            "q.dispatchEvent(new Event('input'));"
            for text in SEARCHES for end in (*range(1, len(text) + 1), 0)
        ]  # fmt: skip
        tell("key stroke", [timed(act) for act in typed])
        columns = tab.locator("#table thead th").count()
        clicked = [
            f"document.querySelectorAll('#table thead button')[{column}].click()"
            for column in range(columns) for _ in range(2)
        ]  # fmt: skip
        tell("sort", [timed(act) for act in clicked])
        opened = [f"document.querySelectorAll('#table tbody button')[{at}].click()" for at in range(20)]
        tell("opening a household", [timed(act) for act in opened])
        browser.close()


def tell(what: str, times: list[tuple[float, float]]) -> None:
    work, painted = zip(*times, strict=True)
    print(f"  per {what}: {statistics.median(work):.0f} ms of script, most {max(work):.0f}; "
          f"until painted {statistics.median(painted):.0f} ms, most {max(painted):.0f}")  # fmt: skip


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5_000)
