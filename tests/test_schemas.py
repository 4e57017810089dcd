import pandas as pd
import pandera.errors
import pytest

from sanshi_report import schemas


def test_the_contract_has_these_tables_and_keys() -> None:
    assert {table: schemas.key_of(table) for table in schemas.TABLES} == {
        "projects": ["project_id"],
        "plan": ["project_id", "month"],
        "nodes": ["node_id"],
        "progress": ["project_id", "month"],
        "permits": ["project_id", "permit"],
        "inputs": ["project_id", "month", "input"],
        "funding": ["project_id", "source"],
        "problems": ["problem_id"],
        "actions": ["action_id"],
        "meetings": ["held_on", "level", "project_id"],
        "incidents": ["incident_id"],
        "practices": ["practice_id"],
        "moves": ["project_id", "move", "effective_on", "into"],
        "changes": ["project_id", "field", "approved_on"],
    }


@pytest.mark.parametrize("table", list(schemas.TABLES))
def test_an_empty_table_fits_its_own_schema(table: str) -> None:
    frame = schemas.empty(table)
    assert tuple(frame.columns[-2:]) == schemas.PROVENANCE
    own = frame.drop(columns=list(schemas.PROVENANCE))
    assert list(schemas.validate(own, schemas.TABLES[table]).columns) == list(own.columns)


def plan_row(**changes: object) -> pd.DataFrame:
    row = {"project_id": "H01", "month": "2024-06", "planned_investment": 5} | changes
    return pd.DataFrame([row]).astype({"planned_investment": "Int64"})


@pytest.mark.parametrize(
    "changes",
    [{"month": "2024-13"}, {"month": "2024-6"}, {"planned_investment": -1}, {"project_id": None}],
)
def test_the_contract_is_enforced_even_when_the_environment_switches_it_off(
    changes: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PANDERA_VALIDATION_ENABLED", "False")
    assert len(schemas.validate(plan_row(), schemas.TABLES["plan"])) == 1
    with pytest.raises(pandera.errors.SchemaErrors):
        schemas.validate(plan_row(**changes), schemas.TABLES["plan"])


def test_headings_are_chinese_and_unique_within_a_sheet() -> None:
    for schema in schemas.TABLES.values():
        titles = [column.title for column in schema.columns.values()]
        assert all(titles)
        assert len(set(titles)) == len(titles), schema.name
