"""A received file into clean tables, or every fault with its cell."""

from sanshi_report.intake.faults import Fault, FaultsFound, faults_table
from sanshi_report.intake.reading import read, unopenable
from sanshi_report.intake.tables import Reading, lists_of

__all__ = ["Fault", "FaultsFound", "Reading", "faults_table", "lists_of", "read", "unopenable"]
