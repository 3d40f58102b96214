"""How the documentation is built: MyST pages, furo, and the reference from the docstrings."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sphinx.application import Sphinx

_project = tomllib.loads(Path(__file__).parents[1].joinpath("pyproject.toml").read_text("utf-8"))["project"]

project = "relief"
author = _project["authors"][0]["name"]
copyright = author
version = release = _project["version"]

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx.ext.viewcode"]
exclude_patterns = ["_build"]
source_suffix = {".md": "markdown", ".rst": "restructuredtext"}
nitpicky = True

html_theme = "furo"
html_title = "relief"
html_copy_source = False

myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3

# Types stand in the docstrings, in words; a link to each would need the network.
napoleon_numpy_docstring = True
napoleon_google_docstring = False
napoleon_use_param = False
napoleon_use_rtype = False
napoleon_use_ivar = True
autodoc_typehints = "none"
autodoc_member_order = "bysource"
autodoc_default_options = {"members": True, "show-inheritance": True}
nitpick_ignore_regex = [("py:class", r"(?!relief\.).*")]
default_role = "code"


def _keep_lines(*event: Any) -> None:
    """Keep the lines of the In / Out paragraph that opens a module's docstring."""
    _, what, _, _, _, lines = event
    if what == "module":
        paragraphs = "\n".join(lines).split("\n\n")
        kept = [
            re.sub("^", "| ", text, flags=re.M) if text.startswith("In ") else text for text in paragraphs
        ]
        lines[:] = "\n\n".join(kept).splitlines()


def setup(app: Sphinx) -> None:
    """Connect what is above."""
    app.connect("autodoc-process-docstring", _keep_lines)
