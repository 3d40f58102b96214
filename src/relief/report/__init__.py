"""The report for people who look rather than read: one HTML file, and its charts.

In    a `Round`
Out   `report`, a page that needs no network; `charts`, its drawings for other papers
"""

from relief.report.page import report
from relief.report.standalone import charts

__all__ = ["charts", "report"]
