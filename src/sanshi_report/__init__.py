"""Reproducible reporting workbook for a city's Thirty Projects programme.

`open` gives analysts and notebooks the report of a period to hold.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sanshi_report.report import open_report as open

    __version__: str

__all__ = ["__version__", "open"]


def __getattr__(name: str) -> Any:
    # Late: few want to know the version, and what needs no pandas must not wait for it.
    if name == "__version__":
        from importlib.metadata import version

        return version("sanshi-report")
    if name == "open":
        from sanshi_report.report import open_report

        return open_report
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
