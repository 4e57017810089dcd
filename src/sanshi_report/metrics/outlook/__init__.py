"""Where the year is heading, with how much certainty, and how good such outlooks have been so far.

What is required is arithmetic; the plain projection carries the average on; the interval and the probability
come from drawing the programme's own past again and again. Draws are whole numbers from a generator with the
parameters' seed, so the same ledger gives the same outlook. Too little past is said, not papered over:
`status` is `too_short` and nothing is forecast; `settled` says that there is nothing left to forecast.
"""

from sanshi_report.metrics.outlook.backtest import backtest, backtest_summary
from sanshi_report.metrics.outlook.money import fan, investment
from sanshi_report.metrics.outlook.starts import start_chances, starts

__all__ = ["backtest", "backtest_summary", "fan", "investment", "start_chances", "starts"]
