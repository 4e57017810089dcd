"""A workbook for a unit to fill in: what is known is in it already, and only what is new is asked for."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from sanshi_report.catalogue import say
from sanshi_report.errors import BuildError, UsageError
from sanshi_report.ledger.inbox import line_of
from sanshi_report.period import ReportPeriod
from sanshi_report.template.book import workbook
from sanshi_report.template.known import known_before
from sanshi_report.workspace import Workspace

__all__ = ["Template", "make", "place"]


@dataclass(frozen=True)
class Template:
    """A template as written; `is_new` is False where the same was there already."""

    path: Path
    is_new: bool


def make(
    workspace: Workspace,
    period: str | ReportPeriod | None,
    unit: str = "",
    *,
    to: str | Path | None = None,
    force: bool = False,
) -> Template:
    """Write the workbook in which a unit reports one month.

    It is made of what the submissions for earlier months say as of now; the same knowledge gives the same bytes.

    Parameters
    ----------
    unit : str
        A responsible unit, or a department that must act on something; all projects if empty.
    to : str or Path, optional
        The file, or the folder for it; by default `output/templates/<period>/<unit>.xlsx`.
    force : bool
        Whether a different file may be replaced, which may have been filled in.

    Raises
    ------
    UsageError
        If the period is not a month, nobody is called `unit`, or a different file is there.
    DataError
        If earlier submissions cannot be read.
    BuildError
        If the file cannot be written.
    """
    parameters = workspace.parameters(period)
    if not parameters.period.is_month:
        raise UsageError("period_not_month", period=parameters.period)
    unit = line_of(unit)
    path = _path(workspace, parameters.period, unit, to)
    content = workbook(known_before(workspace, parameters, unit), parameters)
    try:
        if os.path.lexists(path):
            if path.is_file() and path.read_bytes() == content:
                return Template(path, is_new=False)
            if not force or not path.is_file():
                raise UsageError("template_exists", file=path)
        place(path, content)
    except OSError as error:
        reason = error.strerror or error
        raise BuildError("file_system", path=error.filename or path, reason=reason) from error
    return Template(path, is_new=True)


def _path(workspace: Workspace, period: ReportPeriod, unit: str, to: str | Path | None) -> Path:
    # What `receive` takes for a name, so that the file can come back under it.
    safe = re.sub(r'[\\/:*?"<>|#~\x00-\x1f\x7f]', "_", unit).lstrip(".")[:60]
    name = f"{safe or say('template.everyone')}.xlsx"
    if not to:
        return workspace.output / "templates" / str(period) / name
    path = Path(to).expanduser().absolute()
    if path.is_dir():
        return path / name
    if path.suffix.lower() != ".xlsx":
        raise UsageError("template_suffix", file=to)
    return path


def place(path: Path, content: bytes) -> None:
    """Write a file whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partly = path.with_name(f".{path.name}-{os.getpid()}")
    try:
        partly.write_bytes(content)
        partly.replace(path)
    finally:
        partly.unlink(missing_ok=True)
