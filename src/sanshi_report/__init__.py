"""Reproducible reporting workbook for a city's Thirty Projects programme."""

from typing import Any


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version  # late: few want to know it

        return version("sanshi-report")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
