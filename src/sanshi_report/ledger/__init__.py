"""The ledger: every fact with the period it is about and the moment it became known.

Names are brought in when first asked for, so that receiving a file or planning a build does not wait for
pandas.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sanshi_report.ledger.before import published, published_before, reported_for
    from sanshi_report.ledger.carried import invested_through
    from sanshi_report.ledger.chain import Head
    from sanshi_report.ledger.comparing import compared
    from sanshi_report.ledger.heads import proven, sign_all, signatures
    from sanshi_report.ledger.inbox import (
        Receipt,
        Withdrawal,
        effective,
        moment,
        receipts,
        too_late,
        verified,
    )
    from sanshi_report.ledger.loading import load
    from sanshi_report.ledger.migrating import migrate
    from sanshi_report.ledger.model import Ledger
    from sanshi_report.ledger.opening import open_ledger
    from sanshi_report.ledger.receiving import Candidate, receive, withdraw
    from sanshi_report.ledger.revisions import mean_absolute_revision, since, triangle
    from sanshi_report.ledger.signing import Signature, new_key
    from sanshi_report.ledger.totals import Mismatch, reconcile

__all__ = [
    "Candidate",
    "Head",
    "Ledger",
    "Mismatch",
    "Receipt",
    "Signature",
    "Withdrawal",
    "compared",
    "effective",
    "invested_through",
    "load",
    "mean_absolute_revision",
    "migrate",
    "moment",
    "new_key",
    "open_ledger",
    "proven",
    "published",
    "published_before",
    "receipts",
    "receive",
    "reconcile",
    "reported_for",
    "sign_all",
    "signatures",
    "since",
    "too_late",
    "triangle",
    "verified",
    "withdraw",
]

_HOMES = {
    "Candidate": "receiving",
    "Head": "chain",
    "Ledger": "model",
    "Signature": "signing",
    "invested_through": "carried",
    "load": "loading",
    "migrate": "migrating",
    "new_key": "signing",
    "proven": "heads",
    "sign_all": "heads",
    "signatures": "heads",
    "open_ledger": "opening",
    "Mismatch": "totals",
    "compared": "comparing",
    "published": "before",
    "published_before": "before",
    "reported_for": "before",
    "receive": "receiving",
    "withdraw": "receiving",
    "reconcile": "totals",
    "mean_absolute_revision": "revisions",
    "since": "revisions",
    "triangle": "revisions",
}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES.get(name, 'inbox')}"), name)
