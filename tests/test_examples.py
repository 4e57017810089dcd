"""Every function that an analyst meets has an example, which runs over the sample and gives what it shows.

In an example `report` is the bulletin of June 2024, `december` that of December and `meeting` the report of
June's review meeting; the other names are its module's. Chinese columns are lined up, as pandas does it with
`display.unicode.east_asian_width`.
"""

import doctest
import inspect
import sys
from dataclasses import replace
from importlib import import_module
from pkgutil import walk_packages

import pandas as pd
import pytest
from ledgers import ROOT

import sanshi_report
from sanshi_report import exact, figures, metrics, style
from sanshi_report.period import ReportPeriod
from sanshi_report.report import Report

METHODS = [Report.say, Report.only, Report.in_week, Report.figure, Report.pages]


def is_metric(found):
    """Return whether a report is asked for it: it gives frames, from a ledger or under a name of theirs."""
    if not inspect.isfunction(found):
        return False
    signature = inspect.signature(found)
    gives_frames = signature.return_annotation in ("pd.DataFrame", "State")
    return gives_frames and (hasattr(found, "key") or "ledger" in list(signature.parameters)[:1])


def public(module):
    return [getattr(module, name) for name in getattr(module, "__all__", [])]


def met():
    """Yield what an analyst meets."""
    yield from (sanshi_report.open, *METHODS, ReportPeriod, style.Count)
    yield from filter(inspect.isfunction, (*public(exact), *public(style)))
    for module in walk_packages(metrics.__path__, f"{metrics.__name__}."):
        yield from filter(is_metric, public(import_module(module.name)))


MET = {f"{one.__module__}.{one.__qualname__}".removeprefix("sanshi_report."): one for one in met()}


def example(found, given):
    """Return the example of a docstring, which sees what its module has and what is given."""
    names = {**vars(sys.modules[found.__module__]), **given}
    text = inspect.getdoc(found) or ""
    return doctest.DocTestParser().get_doctest(text, names, found.__qualname__, None, None)


@pytest.fixture(scope="module")
def given():
    with (
        pytest.MonkeyPatch.context() as environment,
        pd.option_context("display.unicode.east_asian_width", True),
    ):
        environment.setenv("SANSHI_ROOT", str(ROOT))
        report = sanshi_report.open("monthly_bulletin", "2024-06")
        yield {
            "sanshi_report": sanshi_report,
            "figures": figures,
            "report": report,
            "meeting": replace(report, name="review_meeting"),
            "december": sanshi_report.open("monthly_bulletin", "2024-12"),
        }


def test_everything_an_analyst_meets_is_known_here():
    assert {
        "report.open_report", "report.Report.say", "exact.percent", "style.text.money",
        "metrics.kpis.kpis", "metrics.starts.register", "metrics.outlook.money.fan",
        "metrics.quality.state", "metrics.suspicion.by_rule", "metrics.investment.total",
    } <= set(MET)  # fmt: skip


def test_everything_an_analyst_meets_has_an_example():
    assert [name for name, found in MET.items() if not example(found, {}).examples] == []


@pytest.mark.parametrize("name", MET)
def test_an_example_gives_what_it_shows(name, given):
    differences = []
    runner = doctest.DocTestRunner(verbose=False, optionflags=doctest.NORMALIZE_WHITESPACE)
    runner.run(example(MET[name], given), out=differences.append)
    assert not differences, "".join(differences)
