"""What each table is: one schema per table of the ledger, and one for the KPI table.

A schema carries everything the rest needs to know about a column: its Chinese heading (`title`), and in
`metadata` how a cell of it is read (`kind`), whether it must be filled (`required`), the code that stands
for each Chinese value the program itself knows (`codes`), the parameters' list that has the values instead
where the office decides them (`list`), how long a text may be (`longest`), the unit and an English name.
Templates, reading, validation and the data dictionary all come from here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

__all__ = [
    "KPIS",
    "PROVENANCE",
    "TABLES",
    "Column",
    "Table",
    "empty",
    "key_of",
    "listed",
    "validate",
]

PROVENANCE = ("known_at", "origin")
"""Columns every ledger frame carries after its own: when the row became known, and where it stands
(`2024-06/file.xlsx#月度进展!7`)."""

MONTH = r"[0-9]{4}-(?:0[1-9]|1[0-2])"

DTYPES: dict[str, Any] = {
    "text": "str",
    "month": "str",
    "choice": "str",
    "money": "Int64",
    "count": "Int64",
    "percent": "Float64",
    "quantity": object,
    "date": "datetime64[us]",
}
"""The dtype of each kind of column. Money is fen; a quantity is a `Decimal` or None."""


@dataclass(frozen=True)
class Column:
    """A column of a table; `metadata` as the head of this module says."""

    title: str
    description: str
    metadata: dict[str, Any]


@dataclass(frozen=True)
class Table:
    """A table: its key in code, its sheet, its English name, its columns in order, and `key` in `metadata`."""

    name: str
    title: str
    description: str
    columns: dict[str, Column]
    metadata: dict[str, Any]


def _column(
    kind: str,
    title: str,
    english: str,
    *,
    required: bool = False,
    when: str | None = None,
    codes: Mapping[str, str] | None = None,
    listed: str = "",
    unit: str | None = None,
    example: str = "",
    is_prose: bool = False,
) -> Column:
    """Return a column; `when` names the project kind for which alone it is required.

    A text is a name or a number of something, unless it `is_prose`, which may be longer.
    """
    metadata = {
        "kind": kind,
        "english": english,
        "required": required,
        "required_when": when,
        "codes": dict(codes or {}),
        "list": listed,
        "unit": unit or {"money": "亿元", "percent": "%"}.get(kind),
        "example": example,
        "longest": 5_000 if is_prose else 200,
    }
    return Column(title, english, metadata)


def _same(*values: str) -> dict[str, str]:
    return {value: value for value in values}


def _table(name: str, sheet: str, english: str, key: list[str], /, **columns: Column) -> Table:
    return Table(name, sheet, english, columns, {"key": key})


def _project_id(required: bool = True) -> Column:
    return _column("text", "项目编号", "project", required=required, example="H01")


def _month() -> Column:
    return _column("month", "月份", "month", required=True, example="2024-06")


_SCHEMAS = (
    _table(
        "projects", "项目台账", "Projects", ["project_id"],
        project_id=_project_id(),
        name=_column("text", "项目名称", "name", required=True, example="示例产业园一期"),
        sector=_column("text", "领域", "sector", required=True, listed="sectors", example="工业"),
        kind=_column("choice", "建设性质", "kind", required=True,
                     codes={"新建": "new_build", "续建": "continuing"}, example="新建"),
        tier=_column("choice", "级别", "tier", required=True,
                     listed="project_tiers", example="市本级"),
        county=_column("text", "属地", "county", required=True, example="示例甲区"),
        lead_official=_column("text", "牵头领导", "lead official", example="示例领导甲"),
        task_force=_column("text", "专班", "task force", example="示例第一专班"),
        responsible_unit=_column("text", "责任单位", "responsible unit", required=True, example="示例甲局"),
        scope=_column("text", "建设内容", "scope", is_prose=True, example="全线 12 公里，本市段 8 公里"),
        total_investment=_column("money", "总投资", "total investment", required=True, example="34.10"),
        invested_before=_column("money", "年初前累计投资", "invested before this year", example="12.00"),
        annual_plan=_column("money", "年度计划投资", "annual plan", when="continuing", example="13.64"),
        planned_start=_column("date", "计划开工", "planned start", when="new_build", example="2024-06-30"),
        planned_completion=_column("date", "计划竣工", "planned completion", required=True,
                                   example="2026-12-31"),
        planned_commissioning=_column("date", "计划投产", "planned commissioning", example="2027-03-31"),
    ),
    _table(
        "plan", "月度计划", "Monthly plan", ["project_id", "month"],
        project_id=_project_id(),
        month=_month(),
        planned_investment=_column("money", "计划完成投资", "planned investment", required=True,
                                   example="1.20"),
    ),
    _table(
        "nodes", "节点计划", "Nodes", ["node_id"],
        node_id=_column("text", "节点编号", "node number", required=True, example="H01-N01"),
        project_id=_project_id(),
        node=_column("text", "节点名称", "node", required=True, example="主体结构封顶"),
        due_on=_column("date", "计划完成", "due on", required=True, example="2024-06-30"),
        done_on=_column("date", "实际完成", "done on", example="2024-06-28"),
        note=_column("text", "备注", "note", is_prose=True),
    ),
    _table(
        "progress", "月度进展", "Monthly progress", ["project_id", "month"],
        project_id=_project_id(),
        month=_month(),
        invested=_column("money", "本月完成投资", "invested this month", required=True, example="1.15"),
        physical_pct=_column("percent", "形象进度(%)", "physical progress", example="45"),
        physical_note=_column("text", "形象进度说明", "physical progress in words", is_prose=True,
                              example="主体施工至三层"),
        groundbreaking_on=_column("date", "奠基日期", "groundbreaking on", example="2024-03-01"),
        started_on=_column("date", "实质性开工日期", "started on", example="2024-04-12"),
        completed_on=_column("date", "竣工日期", "completed on"),
        commissioned_on=_column("date", "投产日期", "commissioned on"),
        workers=_column("count", "在场人数", "workers on site", unit="人", example="320"),
        evidence=_column("choice", "数据依据", "evidence", listed="evidence", example="三方确认"),
        reported_by=_column("text", "填报人", "reported by"),
        reported_on=_column("date", "填报日期", "reported on", example="2024-07-01"),
    ),
    _table(
        "permits", "手续办理", "Permits", ["project_id", "permit"],
        project_id=_project_id(),
        permit=_column("text", "手续", "permit", required=True, listed="permits", example="环评"),
        department=_column("text", "牵头部门", "leading department", required=True, example="生态环境部门"),
        status=_column("choice", "状态", "status", required=True,
                       codes=_same("未启动", "办理中", "已办结", "不需要"), example="办理中"),
        applied_on=_column("date", "申请日期", "applied on", example="2024-03-01"),
        due_on=_column("date", "承诺办结", "promised by", example="2024-04-15"),
        granted_on=_column("date", "办结日期", "granted on", example="2024-04-10"),
        document_no=_column("text", "文号", "document number", example="示例环审〔2024〕1号"),
    ),
    _table(
        "inputs", "要素保障", "Inputs", ["project_id", "month", "input"],
        project_id=_project_id(),
        month=_month(),
        input=_column("text", "要素", "input", required=True, listed="inputs", example="人"),
        unit=_column("text", "单位", "unit", required=True, example="人"),
        needed=_column("quantity", "需求量", "needed", required=True, example="320"),
        secured=_column("quantity", "已落实", "secured", required=True, example="300"),
        department=_column("text", "责任部门", "department", example="示例人社部门"),
    ),
    _table(
        "funding", "资金来源", "Funding", ["project_id", "source"],
        project_id=_project_id(),
        source=_column("text", "来源", "source", required=True, listed="funding_sources", example="银行贷款"),
        planned=_column("money", "计划", "planned", required=True, example="5.00"),
        in_place=_column("money", "到位", "in place", example="3.20"),
    ),
    _table(
        "problems", "问题台账", "Problems", ["problem_id"],
        problem_id=_column("text", "问题编号", "problem number", required=True, example="W2024-001"),
        project_id=_project_id(),
        raised_on=_column("date", "提出日期", "raised on", required=True, example="2024-05-12"),
        category=_column("text", "类别", "category", required=True, listed="problem_categories",
                         example="征地清表"),
        tier=_column("choice", "层级", "tier", required=True, listed="problem_tiers", example="单一部门"),
        owner=_column("text", "责任单位", "owner", required=True, example="示例乙局"),
        due_on=_column("date", "承诺解决", "due on", required=True, example="2024-06-15"),
        closed_on=_column("date", "解决日期", "closed on", example="2024-06-10"),
        description=_column("text", "内容", "description", is_prose=True, required=True),
        progress=_column("text", "办理情况", "handling so far", is_prose=True),
    ),
    _table(
        "actions", "交办事项", "Actions", ["action_id"],
        action_id=_column("text", "事项编号", "action number", required=True, example="J2024-001"),
        meeting_on=_column("date", "会议日期", "meeting on", required=True, example="2024-06-05"),
        project_id=_project_id(required=False),
        content=_column("text", "内容", "content", is_prose=True, required=True),
        owner=_column("text", "责任单位", "owner", required=True, example="示例甲局"),
        due_on=_column("date", "期限", "due on", required=True, example="2024-06-30"),
        closed_on=_column("date", "办结日期", "closed on", example="2024-06-28"),
    ),
    _table(
        "meetings", "调度记录", "Dispatch meetings", ["held_on", "level", "project_id"],
        held_on=_column("date", "会议日期", "held on", required=True, example="2024-06-05"),
        level=_column("choice", "类型", "level", required=True, listed="cadence", example="专班"),
        project_id=_project_id(required=False),
        subject=_column("text", "主题", "subject", is_prose=True),
    ),
    _table(
        "incidents", "安全廉政", "Incidents", ["incident_id"],
        incident_id=_column("text", "编号", "incident number", required=True, example="A2024-001"),
        project_id=_project_id(required=False),
        occurred_on=_column("date", "日期", "occurred on", required=True, example="2024-08-02"),
        incident=_column("choice", "类型", "type", required=True, listed="incident_types", example="安全"),
        severity=_column("text", "等级", "severity", required=True, example="一般"),
        description=_column("text", "描述", "description", is_prose=True, required=True),
        closed_on=_column("date", "处理完成", "closed on"),
    ),
    _table(
        "practices", "经验做法", "Good practice", ["practice_id"],
        practice_id=_column("text", "编号", "practice number", required=True, example="P2024-001"),
        project_id=_project_id(required=False),
        recorded_on=_column("date", "日期", "recorded on", required=True, example="2024-06-20"),
        title=_column("text", "标题", "title", required=True),
        content=_column("text", "内容", "content", is_prose=True, required=True),
    ),
    _table(
        "moves", "进出调整", "Moves", ["project_id", "move", "effective_on", "into"],
        project_id=_project_id(),
        move=_column("choice", "类型", "move", required=True,
                     codes={"进入": "joined", "退出": "left", "拆分": "split", "更名": "renamed"},
                     example="退出"),
        effective_on=_column("date", "生效日期", "effective on", required=True, example="2024-06-20"),
        into=_column("text", "去向项目", "into project", example="H31"),
        new_name=_column("text", "新名称", "new name", example="示例产业园（一期）"),
        reason=_column("text", "原因", "reason", is_prose=True, required=True),
        approved_by=_column("text", "批准", "approved by", required=True),
        approved_on=_column("date", "批准日期", "approved on", required=True, example="2024-06-18"),
    ),
    _table(
        "changes", "调整记录", "Changes", ["project_id", "field", "approved_on"],
        project_id=_project_id(),
        field=_column("text", "调整字段", "field changed", required=True, example="计划开工"),
        old=_column("text", "原值", "old value", is_prose=True, required=True),
        new=_column("text", "新值", "new value", is_prose=True, required=True),
        reason=_column("text", "原因", "reason", is_prose=True, required=True),
        approved_by=_column("text", "批准", "approved by", required=True),
        approved_on=_column("date", "批准日期", "approved on", required=True, example="2024-06-20"),
    ),
)  # fmt: skip

TABLES = {schema.name: schema for schema in _SCHEMAS}
"""Every table of the ledger by its key, in the order of the data contract."""

KPIS = _table(
    "kpis", "", "KPIs", ["kpi", "scope", "scope_value"],
    period=_column("text", "", "period", required=True),
    as_of=_column("text", "", "as of", required=True),
    kpi=_column("text", "", "KPI", required=True),
    scope=_column("choice", "", "scope", required=True,
                  codes=_same("portfolio", "kind", "sector", "tier", "county", "project", "permit", "input",
                              "source", "level")),
    scope_value=_column("text", "", "value of the scope", required=True),
    target=_column("quantity", "", "target"),
    actual=_column("quantity", "", "actual"),
    unit=_column("text", "", "unit", required=True),
    gap=_column("quantity", "", "gap"),
    status=_column("choice", "", "status", codes=_same("green", "yellow", "stalled", "red", "not_rated")),
)  # fmt: skip
"""The KPI table; target, actual and gap are exact `Decimal`s or missing."""


def key_of(table: str) -> list[str]:
    """Return the key columns of a table."""
    return list(TABLES[table].metadata["key"])


def listed() -> list[tuple[str, str, str]]:
    """Return every column whose values the office decides: its table, its name and the parameters' list."""
    return [
        (table, name, column.metadata["list"])
        for table, schema in TABLES.items()
        for name, column in schema.columns.items()
        if column.metadata and column.metadata["list"]
    ]


def empty(table: str) -> pd.DataFrame:
    """Return the table without rows, every column of its type, provenance included."""
    frame = pd.DataFrame(
        {
            name: pd.Series([], dtype=DTYPES[column.metadata["kind"]])
            for name, column in TABLES[table].columns.items()
        }
    )
    frame["known_at"] = pd.Series([], dtype="datetime64[us, Asia/Shanghai]")
    frame["origin"] = pd.Series([], dtype="str")
    return frame


def validate(frame: pd.DataFrame, table: Table) -> pd.DataFrame:
    """Check a frame (without provenance) against its table, whatever the environment says.

    Raises
    ------
    pandera.errors.SchemaErrors
        With every failing row; a programming error here, since `intake` has already told the faults.
    """
    # Late: pandera takes as long to import as pandas, and reading files needs none of it.
    import pandera.pandas as pa
    from pandera.config import config_context

    def checked(column: Column) -> pa.Column:
        kind, codes = column.metadata["kind"], column.metadata["codes"]
        rules = [pa.Check.isin(list(codes.values()))] if codes else []
        if kind == "month":
            rules.append(pa.Check.str_matches(rf"^{MONTH}$"))
        if kind in {"money", "count"}:
            rules.append(pa.Check.ge(0))
        if kind == "percent":
            rules.append(pa.Check.in_range(0, 100))
        return pa.Column(DTYPES[kind], rules, nullable=not column.metadata["required"])

    columns = {name: checked(column) for name, column in table.columns.items()}
    schema = pa.DataFrameSchema(columns, unique=table.metadata["key"], strict=True)
    with config_context(validation_enabled=True):
        return schema.validate(frame, lazy=True)
