"""What is handed out to be filled in: a workbook to type into, forms to print; all from the data dictionary.

In    `DICTIONARY`, one invented household as an example, a pack if only what it asks for is wanted
Out   `template`, an .xlsx as bytes; `form`, a page of HTML to print

What they ask is what is read, so a workbook made here has no header that is unknown.
"""

from __future__ import annotations

from relief.template.form import FORMS, form
from relief.template.workbook import template

__all__ = ["FORMS", "form", "template"]
