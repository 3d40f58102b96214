"""Each hostile file ends as it has to, within 5 s of processor time and 500 MB, and says why in words."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.books.hostile import HOSTILE

if TYPE_CHECKING:
    from collections.abc import Mapping

SECONDS, MEGABYTES = 5, 500
pytestmark = pytest.mark.skipif(
    not Path("/proc/self/clear_refs").exists(), reason="only Linux tells the memory"
)

# One process reads them all; its highest memory is forgotten before each.
CHILD = """
import json, re, resource, sys, time
from pathlib import Path
import relief
from relief.errors import ReliefError

resource.setrlimit(resource.RLIMIT_AS, (4 * 2**30, 4 * 2**30))
resource.setrlimit(resource.RLIMIT_CPU, (120, 120))
for name in json.load(sys.stdin):
    Path("/proc/self/clear_refs").write_text("5")
    begin, code, words = time.process_time(), "", []
    try:
        relief.read_tables(name)
    except ReliefError as error:
        code, words = error.code, [error.text("zh"), error.text("en")]
    seconds = time.process_time() - begin
    highest = re.search(r"VmHWM:\\s*(\\d+)", Path("/proc/self/status").read_text())[1]
    print(json.dumps([code, words, seconds, int(highest) / 1024]), flush=True)
"""


@pytest.fixture(scope="module")
def ends(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, list[Any]]:
    """Return by name the code, the words, the seconds and the megabytes that each file took."""
    folder = tmp_path_factory.mktemp("hostile")
    for name, (build, _) in HOSTILE.items():
        (folder / name).write_bytes(build())
    names = json.dumps([str(folder / name) for name in HOSTILE])
    done = subprocess.run([sys.executable, "-c", CHILD], input=names, capture_output=True, text=True)
    assert done.returncode == 0, (done.stdout[-300:], done.stderr[-500:])
    return dict(zip(HOSTILE, map(json.loads, done.stdout.splitlines()), strict=True))


# Made and read once, by one worker.
@pytest.mark.xdist_group("hostile")
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_ends_in_words_soon_and_in_little_memory(
    name: str, ends: Mapping[str, list[Any]]
) -> None:
    code, words, seconds, megabytes = ends[name]
    assert code == HOSTILE[name][1]
    assert all(name in text for text in words if code.startswith("file."))
    assert seconds < SECONDS
    assert megabytes < MEGABYTES
