"""How something with a due day stands: a symbol and a colour for each status, its word in the catalogue."""

from __future__ import annotations

from sanshi_report.style.text import LIGHTS

__all__ = ["STATUSES"]

_SOFT, _BLUE = "#57606a", "#1f5a94"

STATUSES: dict[str, tuple[str, str]] = {
    "done": ("●", LIGHTS["green"].colour),
    "late_done": ("▲", LIGHTS["yellow"].colour),
    "overdue": ("■", LIGHTS["red"].colour),
    "open": ("◆", _BLUE),
    "to_come": ("○", _SOFT),
    "not_needed": ("—", _SOFT),
}
"""Done by its day, done late, overdue, under way, not due yet, not needed at all."""
