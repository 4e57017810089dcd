"""Building: plan, execute, check, render, place; a release is whole or it is not there."""

from sanshi_report.build.diff import Changes, diff
from sanshi_report.build.periods import Outcome, build_periods
from sanshi_report.build.release import Release, build
from sanshi_report.build.verify import Proof, verify

__all__ = [
    "Changes",
    "Outcome",
    "Proof",
    "Release",
    "build",
    "build_periods",
    "diff",
    "verify",
]
