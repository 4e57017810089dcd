"""Reproducible reporting workbook for a city's Thirty Projects programme."""

from importlib.metadata import version

__version__ = version("sanshi-report")
