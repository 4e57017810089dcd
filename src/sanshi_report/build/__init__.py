"""Building: plan, execute, check, render, place; a release is whole or it is not there."""

from sanshi_report.build.release import Release, build

__all__ = ["Release", "build"]
