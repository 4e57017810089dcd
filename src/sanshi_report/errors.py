"""What can go wrong, said so that the reader can mend it.

An error carries a catalogue key and its values; its text is the Chinese sentence followed by the
English one. Exit codes are decided in `cli` alone.
"""

from __future__ import annotations

import tempfile
import traceback
from typing import Any

from sanshi_report.catalogue import say

__all__ = [
    "BuildError",
    "DataError",
    "ParameterError",
    "RenderError",
    "ReportError",
    "UsageError",
    "unforeseen",
]


class ReportError(Exception):
    """Something the user can mend.

    Parameters
    ----------
    key : str
        Entry of the catalogue's `errors` file, without the file's name.
    **values : Any
        What the sentence's placeholders stand for.
    """

    def __init__(self, key: str, **values: Any) -> None:
        self.key = key
        self.values = values
        super().__init__(f"{self.text('zh')}\n{self.text('en')}")

    def text(self, language: Any) -> str:
        """Return the sentence in one language."""
        return say(f"errors.{self.key}", language, **self.values)

    def __reduce__(self) -> tuple[Any, ...]:
        # Errors cross process boundaries; the default would call __init__ with the finished text.
        return _rebuild, (type(self), self.key, self.values, self.__dict__)


def _rebuild(
    kind: type[ReportError], key: str, values: dict[str, Any], state: dict[str, Any]
) -> Any:
    error = kind.__new__(kind)
    ReportError.__init__(error, key, **values)
    error.__dict__.update(state)
    return error


class UsageError(ReportError):
    """The command was called wrongly: nothing was run."""


class ParameterError(ReportError):
    """The files under `parameters/` cannot be used."""


class DataError(ReportError):
    """The submitted data cannot be used."""


class BuildError(ReportError):
    """A report could not be made; what was published before is untouched."""


class RenderError(BuildError):
    """An executed notebook could not be turned into a document."""


def unforeseen(error: BaseException) -> ReportError:
    """Write what nobody foresaw to a log and return it as a message that says where."""
    with tempfile.NamedTemporaryFile(
        "w", prefix="sanshi-", suffix=".log", delete=False, encoding="utf-8"
    ) as log:
        traceback.print_exception(error, file=log)
    reason = f"{type(error).__name__}: {error}".partition("\n")[0]
    return ReportError("unforeseen", reason=reason, log=log.name)
