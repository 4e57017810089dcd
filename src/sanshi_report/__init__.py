"""Reproducible reporting workbook for a city's Thirty Projects programme.

`open` gives analysts and notebooks the report of a period to hold.
"""

from importlib.metadata import version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sanshi_report.report import open_report as open

__all__ = ["__version__", "open"]

__version__ = version("sanshi-report")


def __getattr__(name: str) -> Any:
    # Whatever needs no pandas must not wait for it.
    if name == "open":
        from sanshi_report.report import open_report

        return open_report
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
