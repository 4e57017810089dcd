"""Which period a notebook opens."""

import pytest
from workspaces import make_workspace

from sanshi_report.errors import UsageError
from sanshi_report.ledger import open_ledger


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    return make_workspace(tmp_path_factory.mktemp("opening") / "ws")


@pytest.fixture(autouse=True)
def surroundings(root, monkeypatch):
    monkeypatch.setenv("SANSHI_ROOT", str(root))
    monkeypatch.delenv("SANSHI_PERIOD", raising=False)


def test_the_period_named_is_opened_whatever_the_environment_says(monkeypatch):
    monkeypatch.setenv("SANSHI_PERIOD", "2024-03")
    parameters, ledger = open_ledger("2024-05")
    assert str(parameters.period) == "2024-05"
    assert len(ledger.projects) == 30


def test_without_one_the_environment_s_is_opened(monkeypatch):
    monkeypatch.setenv("SANSHI_PERIOD", "2024-03")
    parameters, _ = open_ledger()
    assert str(parameters.period) == "2024-03"


def test_without_any_the_latest_month_received_is_opened():
    parameters, ledger = open_ledger()
    assert str(parameters.period) == "2024-12"
    assert str(ledger.progress["month"].max()) == "2024-12"


def test_where_nothing_was_received_a_period_is_asked_for(root, tmp_path, monkeypatch):
    (tmp_path / "data/raw").mkdir(parents=True)
    (tmp_path / "parameters").symlink_to(root / "parameters")
    monkeypatch.setenv("SANSHI_ROOT", str(tmp_path))
    with pytest.raises(UsageError) as caught:
        open_ledger()
    assert caught.value.key == "period_missing"
