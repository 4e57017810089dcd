"""The register of columns: every frame has only columns that it knows, as it knows them."""

import importlib
import inspect
import pkgutil
from functools import cache
from pathlib import Path

import pandas as pd
import pytest
from ledgers import ledger as empty_ledger

from sanshi_report import columns, metrics, style
from sanshi_report.columns import KINDS, column, key_of, keyed, register
from sanshi_report.ledger import Ledger, load
from sanshi_report.schemas import TABLES
from sanshi_report.workspace import Parameters, Workspace

ROOT = Path(__file__).parents[1]


def declared():
    """Return every metric that declares its frame's key, by the frame's name."""
    found = {}
    for one in pkgutil.walk_packages(metrics.__path__, "sanshi_report.metrics."):
        module = importlib.import_module(one.name)
        for name, metric in vars(module).items():
            if hasattr(metric, "key") and getattr(metric, "__module__", "") == one.name:
                found[f"{one.name.removeprefix('sanshi_report.metrics.')}.{name}"] = metric
    return found


def asked(metric, ledger: Ledger, parameters: Parameters) -> pd.DataFrame:
    """Return a metric's frame, the frames that it is made from asked for first."""
    tasks, suspicion, weekly = metrics.tasks, metrics.suspicion, metrics.weekly
    home = metric.__module__.rpartition(".")[2]
    by_home = {
        "found": lambda: suspicion.suspicions(ledger, parameters),
        "scored": lambda: tasks.score(ledger, parameters, tasks.last_list(ledger, parameters)),
        "steps": lambda: metrics.plans.moves(ledger),
        "projects": lambda: weekly.projects(ledger, parameters),
        "items": lambda: weekly.items(ledger, parameters),
        "meetings": lambda: weekly.meetings(ledger, parameters),
        "officials": lambda: weekly.officials(ledger),
        "listed": lambda: (
            suspicion.by_month(ledger, parameters)
            if home in ("suspicion", "submissions")
            else tasks.due_next(ledger, parameters)
        ),
        "record": lambda: metrics.submissions.record(
            ledger, parameters, suspicion.by_month(ledger, parameters)
        ),
        "scores": lambda: metrics.scoring.scores(ledger, parameters),
        "points": lambda: metrics.scoring.points(ledger, parameters),
        "ledger": lambda: ledger,
        "parameters": lambda: parameters,
        "by": lambda: None,
    }
    needed = [n for n, p in inspect.signature(metric).parameters.items() if p.default is p.empty]
    return metric(*(by_home[name]() for name in needed))


@cache
def sample(period: str) -> dict[str, pd.DataFrame]:
    workspace = Workspace.find(ROOT)
    parameters = workspace.parameters(period)
    ledger = load(workspace, parameters.period, parameters.cutoff, parameters)
    # A month-by-month record and a path are of one project.
    alone = metrics.profile.only(ledger, "H05")
    one = ("profile.months", "profile.trajectory", "profile.changes", "profile.inputs")
    return {
        name: asked(metric, alone if name in one else ledger, parameters)
        for name, metric in declared().items()
    }


@pytest.fixture(params=["2024-01", "2024-06", "2024-12"])
def frames(request):
    return sample(request.param)


def test_every_column_has_the_type_of_its_kind(frames) -> None:
    wrong = [
        (name, one, column(one).kind, str(frame[one].dtype))
        for name, frame in frames.items()
        for one in frame.columns
        if str(frame[one].dtype) not in KINDS[column(one).kind]
    ]
    assert wrong == []


def test_every_frame_has_a_name_and_a_key_that_tells_its_rows_apart(frames) -> None:
    alike = [
        name for name, frame in frames.items() if frame.duplicated(key_of(frame) or None).any()
    ]
    assert alike == []
    # What a metric is asked about by default, such as a scope, ends its frame's name.
    names = {name: frame.attrs["frame"] for name, frame in frames.items()}
    assert [name for name, told in names.items() if f"{told}.".partition(f"{name}.")[0]] == []
    without = {name for name, frame in frames.items() if not key_of(frame)}
    assert without == {
        "briefing.judgement", "completeness.summary", "investment.to_plan", "submissions.summary", "suspicion.summary",
        "annual.carried", "annual.life", "bulletin.land", "earned.total", "outlook.money.investment",
        "quality.evidence", "membership.counts",
    }  # fmt: skip
    assert all(len(frames[name]) == 1 for name in without)


def test_an_empty_ledger_gives_the_same_columns_of_the_same_types() -> None:
    full, rules = sample("2024-06"), Workspace.find(ROOT).parameters("2024-06")
    # What tells of one project needs one; meetings have a column for each level that met.
    one_project = {"profile.months", "profile.trajectory", "workload.meetings"}
    empty = {
        name: asked(metric, empty_ledger("2024-06"), rules)
        for name, metric in declared().items()
        if name not in one_project
    }
    others = [name for name, frame in empty.items() if [*frame] != [*full[name]]]
    assert others == []
    wrong = [
        (name, one, str(frame[one].dtype))
        for name, frame in empty.items()
        for one in frame
        if str(frame[one].dtype) not in KINDS[column(one).kind]
    ]
    assert wrong == []


def test_what_the_ledger_has_is_told_by_its_schema_alone() -> None:
    assert column("invested").kind == "fen"
    assert column("planned_start").kind == "day"
    assert column("physical_pct").unit() == "percent"
    assert column("permit").title("zh") == "手续"
    # In a table it goes under a shorter word.
    assert column("annual_plan").title("zh") == "年度计划"


def test_a_column_of_the_ledger_is_the_same_kind_in_every_table() -> None:
    kinds: dict[str, set[str]] = {}
    for schema in TABLES.values():
        for name, one in schema.columns.items():
            kinds.setdefault(name, set()).add((one.metadata or {})["kind"])
    assert {name for name, found in kinds.items() if len(found) > 1} == set()


def test_every_entry_is_whole() -> None:
    for name, one in register().items():
        assert one.kind in KINDS, name
        assert one.zh.strip(), name
        assert one.en.strip(), name


@pytest.mark.parametrize(
    ("name", "row", "unit"),
    [
        ("to_invest", {}, "money"),
        ("planned_starts", {}, "count"),
        ("points", {}, None),  # of a score, not percentage points
        ("gap_points", {}, "points"),
        ("median_workdays", {}, "days"),
        ("actual", {"unit": "亿元"}, "money"),
        ("actual", {"unit": "%"}, "percent"),
        ("gap", {"unit": "%"}, "points"),
        ("measured", {"unit": "天"}, "days"),
        ("measured", {"unit": "吨"}, None),
        ("name", {}, None),
    ],
)
def test_the_register_says_what_a_number_counts(name, row, unit) -> None:
    assert column(name).unit(row) == unit


def test_numbered_columns_are_of_one_kind() -> None:
    assert column("owner_2").kind == column("owner").kind
    assert column("completions_2027").kind == "count"
    assert column("invested_ytd_2024-03").kind == "fen"


def test_an_unknown_column_says_where_to_add_it() -> None:
    with pytest.raises(LookupError, match=r"'cost_so_far'.*columns\.yaml"):
        style.csv_text(pd.DataFrame({"cost_so_far": [1]}))


def test_a_metric_with_an_unknown_column_does_not_return() -> None:
    metric = columns.keyed_by("project_id")(lambda: pd.DataFrame({"project_id": [], "guess": []}))
    with pytest.raises(LookupError, match="'guess'"):
        metric()


def test_a_key_stays_with_rows_taken_from_a_frame_and_goes_with_its_columns() -> None:
    made = keyed(pd.DataFrame({"project_id": ["H1", "H2"], "score": [1, 2]}), "project_id")
    assert key_of(made[made["score"].gt(1)].reset_index(drop=True)) == ["project_id"]
    assert key_of(made[["score"]]) == []
