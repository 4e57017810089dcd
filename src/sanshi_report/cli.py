"""The command line: each command hands its arguments to one function and shows what that returns.

Every option can also be given in the environment, as SANSHI_<OPTION>; nothing given is ever read by a
shell. Exit status: 0 done, 1 something to mend, 2 called wrongly, 130 interrupted.
"""

from __future__ import annotations

import os
import shlex
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

from cyclopts import App, CycloptsError, Parameter

from sanshi_report.catalogue import LANGUAGES, say
from sanshi_report.errors import ReportError, UsageError, unforeseen

if TYPE_CHECKING:
    from sanshi_report.ledger.receiving import Candidate

__all__ = ["app", "main", "run"]

app = App(
    name="sanshi",
    help="三十工程报告工具 | Reports of a city's Thirty Projects programme, from received workbooks.",
    version_flags=["--version"],
    suppress_keyboard_interrupt=False,
    help_format="plaintext",  # the other formats import for a fifth of a second
)


def _split_files(_: Any, value: str, *, delimiter: str | None = None) -> list[str]:
    try:
        return shlex.split(value)
    except ValueError:
        raise UsageError("files_malformed", found=repr(value)) from None


Period = Annotated[str, Parameter(env_var="SANSHI_PERIOD", help="报告期 | YYYY-MM")]
Root = Annotated[
    str | None,
    Parameter(name="--root", env_var="SANSHI_ROOT", help="工作区 | another workspace folder"),
]
AsOf = Annotated[
    str | None,
    Parameter(env_var="SANSHI_AS_OF", help="数据截至时点 | now, a day or a moment"),
]
Earlier = Annotated[
    str, Parameter(help="时间早于上一条登记的原因 | why the time lies before the last entry's")
]
File = Annotated[
    str,
    Parameter(env_var="SANSHI_FILES", env_var_split=_split_files, help="报送文件 | received files"),
]


@app.command
def build(
    period: Period = "",
    *,
    periods: Annotated[
        str, Parameter(env_var="SANSHI_PERIODS", help="多个报告期 | 2024-01..2024-12, in parallel")
    ] = "",
    report: Annotated[
        str, Parameter(env_var="SANSHI_REPORT", help="只出这些报告 | only these, a,b")
    ] = "",
    project: Annotated[
        str,
        Parameter(env_var="SANSHI_PROJECT", help="一项目一档的项目 | profiles of H05,X03 or all"),
    ] = "",
    official: Annotated[
        str, Parameter(env_var="SANSHI_OFFICIAL", help="周报的牵头领导 | whose weekly digest")
    ] = "",
    week: Annotated[
        str, Parameter(env_var="SANSHI_WEEK", help="周报的周次 | which weeks, YYYY-Wnn")
    ] = "",
    formats: Annotated[
        str, Parameter(env_var="SANSHI_FORMATS", help="格式 | of html,pdf,docx,pptx,revealjs")
    ] = "",
    renderer: Annotated[
        str, Parameter(env_var="SANSHI_RENDERER", help="渲染方式 | auto, quarto or builtin")
    ] = "auto",
    language: Annotated[str, Parameter(env_var="SANSHI_LANGUAGE", help="语言 | zh or en")] = "",
    as_of: AsOf = None,
    force: Annotated[
        bool, Parameter(negative=(), help="全部重做 | even if nothing changed")
    ] = False,
    scheduler: Annotated[
        str, Parameter(env_var="SANSHI_SCHEDULER", help="Dask 集群 | a cluster, tcp://…")
    ] = "",
    root: Root = None,
) -> int:
    """出报告 | Make the reports due for a period, or for several."""
    from sanshi_report.build import build as make
    from sanshi_report.terminal import announce, both
    from sanshi_report.workspace import Workspace

    options: dict[str, Any] = {
        "reports": _listed(report) or None,
        "projects": _listed(project),
        "officials": _listed(official),
        "weeks": _listed(week),
        "formats": _listed(formats) or None,
        "renderer": renderer,
        "languages": _listed(language) or None,
        "as_of": as_of,
        "force": force,
        "progress": announce,
    }
    if periods or scheduler or ".." in period:
        return _build_periods(root, periods or period, {"scheduler": scheduler, **options})
    release = make(Workspace.find(root), period, **options)
    announce(both("cli.built" if release.is_new else "cli.unchanged"))
    for file in release.files:
        print(file)
    announce(both("cli.rendered", renderer=release.renderer))
    return 0


def _build_periods(root: str | None, periods: str, options: dict[str, Any]) -> int:
    from sanshi_report.build import build_periods
    from sanshi_report.period import ReportPeriod
    from sanshi_report.terminal import announce_outcome, show_outcomes
    from sanshi_report.workspace import Workspace

    asked = ReportPeriod.parse_range(periods)
    outcomes = build_periods(Workspace.find(root), asked, done=announce_outcome, **options)
    return 0 if show_outcomes(outcomes) else 1


@app.command
def check(period: Period = "", *, as_of: AsOf = None, root: Root = None) -> int:
    """核对数据 | Read all data of a period and list every fault."""
    from sanshi_report.ledger.keeping import read_ahead
    from sanshi_report.workspace import Workspace

    workspace = Workspace.find(root)
    read_ahead(workspace, period, as_of)  # before the large imports
    from sanshi_report.checking import check as examine
    from sanshi_report.schemas import TABLES
    from sanshi_report.terminal import (
        announce,
        both,
        complain,
        reading,
        show_faults,
        show_late,
        show_returned,
    )

    with reading() as progress:
        checked = examine(workspace, period, as_of, progress)
    show_late(checked.late, checked.known_by)
    if checked.ledger is None:
        show_faults(checked.faults)
        show_returned(checked)
        complain(both("cli.faults", count=len(checked.faults), file=checked.listing))
        return 1
    rows = sum(len(getattr(checked.ledger, table)) for table in TABLES)
    files, projects = len(checked.ledger.receipts), len(checked.ledger.projects)
    for note in (*checked.ledger.mismatches, *checked.ledger.warnings):
        announce(f"▲ {note.text('zh')} | {note.text('en')}")
    print(both("cli.faultless", files=files, projects=projects, rows=rows))
    return 0


@app.command
def template(
    period: Period = "",
    *,
    unit: Annotated[
        str, Parameter(name="--from", env_var="SANSHI_FROM", help="填报单位 | whose projects")
    ] = "",
    to: Annotated[str, Parameter(help="存为 | the file to write, or its folder")] = "",
    force: Annotated[
        bool, Parameter(negative=(), help="覆盖不同的文件 | even over a different file")
    ] = False,
    root: Root = None,
) -> None:
    """生成填报模板 | Write the workbook that a unit fills in for a period."""
    from sanshi_report.template import make
    from sanshi_report.terminal import announce, both
    from sanshi_report.workspace import Workspace

    made = make(Workspace.find(root), period, unit, to=to, force=force)
    announce(both("cli.template" if made.is_new else "cli.template_same"))
    print(made.path)


@app.command
def new_year(
    year: Annotated[str, Parameter(env_var="SANSHI_YEAR", help="年份 | YYYY")] = "",
    *,
    root: Root = None,
) -> None:
    """开始新的一年 | Begin a year: its parameters, and its register with what is known."""
    from sanshi_report import terminal
    from sanshi_report.template.new_year import new_year as begin
    from sanshi_report.workspace import Workspace

    terminal.show_new_year(begin(Workspace.find(root), year))


@app.command
def receive(
    *files: File,
    period: Period = "",
    sender: Annotated[
        str, Parameter(name="--from", env_var="SANSHI_FROM", help="报送单位 | who sent them")
    ] = "",
    note: Annotated[str, Parameter(help="备注 | to keep with the receipt")] = "",
    earlier: Earlier = "",
    yes: Annotated[
        bool,
        Parameter(
            negative=(),
            env_var="SANSHI_YES",
            help="不询问，视为已核对 | what needs a yes has been checked",
        ),
    ] = False,
    root: Root = None,
) -> None:
    """接收报送文件 | Read submissions back, file them under data/raw/ and sign for them."""
    from sanshi_report.child import start

    if files:
        start()  # before the large imports
    from sanshi_report.ledger import receive as take
    from sanshi_report.ledger.readback import counting, read_back
    from sanshi_report.period import ReportPeriod
    from sanshi_report.terminal import confirmed, show_read_back, show_received
    from sanshi_report.workspace import Workspace

    workspace = Workspace.find(root)

    def confirm(candidates: Sequence[Candidate]) -> str:
        known = counting(workspace)
        new = [one for one in candidates if one.sha256 not in {r.sha256 for r in known}]
        doubtful = False
        for one in new:
            found = read_back(workspace, one.copy, period, known, f"{period}/{one.name}")
            show_read_back(found)
            doubtful |= found.doubtful
        if yes or not doubtful:
            return "yes" if doubtful else ""
        if not sys.stdin.isatty():
            raise UsageError("receive_unconfirmed")
        if not confirmed():
            raise UsageError("receive_declined")
        return "asked"

    taken = take(workspace, files, period, sender, note, earlier=earlier, confirm=confirm)
    show_received(taken, period, workspace.cutoff(ReportPeriod.parse(period)))


@app.command
def receipts(
    *,
    period: Period = "",
    migrate: Annotated[
        bool, Parameter(negative=(), help="旧格式改为编号格式 | number a list of the old form")
    ] = False,
    show: Annotated[
        int, Parameter(help="重看第几号收件读到的内容 | read one receipt's file back again")
    ] = 0,
    root: Root = None,
) -> None:
    """列出收件登记 | List what was received, and from whom."""
    from sanshi_report.ledger import migrate as number
    from sanshi_report.ledger import proven
    from sanshi_report.ledger import receipts as held
    from sanshi_report.ledger.readback import read_back_again
    from sanshi_report.terminal import announce, both, show_read_back_again, show_receipts
    from sanshi_report.workspace import Workspace

    workspace = Workspace.find(root)
    if show:
        show_read_back_again(*read_back_again(workspace, show))
        return
    if migrate:
        count, is_new, moved = number(workspace)
        for file in moved:
            announce(both("cli.migrated_moved", file=f"data/raw/{file}"))
        print(both("cli.migrated" if is_new else "cli.migrated_already", count=count))
        return
    rows, head = held(workspace), proven(workspace).head
    show_receipts(rows[rows["period"] == period] if period else rows)
    announce(both("cli.head", number=head.number, sha256=head.sha256))


@app.command
def withdraw(
    file: str = "",
    *,
    period: Period = "",
    reason: Annotated[str, Parameter(help="原因 | why")] = "",
    by: Annotated[str, Parameter(help="经办人 | who decides")] = "",
    earlier: Earlier = "",
    root: Root = None,
) -> None:
    """撤回报送文件 | Let a received file count no longer, keeping its trail."""
    from sanshi_report.ledger import withdraw as take_back
    from sanshi_report.terminal import both
    from sanshi_report.workspace import Workspace

    gone = take_back(Workspace.find(root), period, file, reason, by, earlier=earlier)
    print(both("cli.withdrawn", file=f"data/raw/{gone.period}/{gone.file}"))


@app.command
def sign(
    period: Period = "",
    *,
    key: Annotated[
        str, Parameter(env_var="SANSHI_SIGNING_KEY", help="私钥文件 | file of the private key")
    ] = "",
    new_key: Annotated[
        str, Parameter(help="生成密钥，私钥存入此文件 | make a key, the private part in this file")
    ] = "",
    root: Root = None,
) -> None:
    """签名（可选） | Vouch for the list of receipts, and for the release of a period if given."""
    from sanshi_report.ledger import new_key as make
    from sanshi_report.ledger import sign_all
    from sanshi_report.period import ReportPeriod
    from sanshi_report.terminal import both
    from sanshi_report.workspace import Workspace

    workspace = Workspace.find(root)
    if new_key:
        print(both("cli.new_key", public=make(workspace, new_key), private=new_key))
        return
    for one in sign_all(workspace, key, str(ReportPeriod.parse(period)) if period else ""):
        print(both("cli.signed", file=one.file, statement=one.statement))


@app.command
def verify(period: Period = "", *, root: Root = None) -> int:
    """验证报告可以重做 | Make a release again elsewhere and compare the bytes of every file."""
    from sanshi_report.build import verify as prove
    from sanshi_report.terminal import announce, show_proof
    from sanshi_report.workspace import Workspace

    proof = prove(Workspace.find(root), period, progress=announce)
    show_proof(proof)
    return 0 if proof.holds else 1


@app.command
def diff(period: Period = "", *, as_of: AsOf = None, root: Root = None) -> None:
    """比较公布后的变化 | Say what changed in figures, tables and data since a release."""
    from sanshi_report.build import diff as compare
    from sanshi_report.terminal import announce, show_changes
    from sanshi_report.workspace import Workspace

    show_changes(compare(Workspace.find(root), period, as_of, progress=announce))


@app.command
def publish(
    *,
    serve: Annotated[
        bool, Parameter(negative=(), help="在本机打开 | and serve it on this machine only")
    ] = False,
    keep: Annotated[
        int | None,
        Parameter(env_var="SANSHI_KEEP", help="只留最近几期 | only so many of the latest periods"),
    ] = None,
    base_url: Annotated[
        str,
        Parameter(env_var="SANSHI_BASE_URL", help="网站地址 | where it will be, https://…"),
    ] = "",
    root: Root = None,
) -> None:
    """生成网站 | Collect all releases into a site, output/site/."""
    from sanshi_report.publish import publish as make
    from sanshi_report.terminal import announce, both
    from sanshi_report.workspace import Workspace

    site = make(Workspace.find(root), keep=keep, base=base_url)
    for error in site.excluded:
        announce(f"▲ {error.text('zh')} | {error.text('en')}")
    announce(both("cli.published", count=len(site.periods)))
    print(site.folder / "index.html")
    if serve:
        # Late: nothing else needs a server.
        import asyncio

        from sanshi_report.publish.serve import serve as show

        with suppress(KeyboardInterrupt):
            asyncio.run(show(site.folder, lambda at: announce(both("cli.serving", address=at))))


@app.command
def sample(*, root: Root = None) -> None:
    """生成示例台账 | Write the sample ledger of 2024."""
    from sanshi_report.sample import make
    from sanshi_report.workspace import Workspace

    for file in make(Workspace.find(root).root):
        print(file)


@app.command
def doctor(*, root: Root = None) -> int:
    """检查安装、字体与数据 | Say what is installed and whether a report can be made."""
    from sanshi_report.doctor import examine
    from sanshi_report.terminal import show_findings
    from sanshi_report.workspace import Workspace

    return 0 if show_findings(examine(Workspace.find(root))) else 1


def main() -> NoReturn:
    """Run the command line and leave with its exit status."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(AttributeError):  # whatever the terminal cannot show must not stop a build
            stream.reconfigure(errors="replace")  # type: ignore[union-attr]
    with suppress(ValueError):
        signal.signal(signal.SIGTERM, signal.default_int_handler)
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run one command and return the exit status; whatever went wrong is told on standard error."""
    try:
        status = app(
            arguments, exit_on_error=False, print_error=False, result_action="return_value"
        )
        sys.stdout.flush()
    except CycloptsError as error:
        return _complain(" ".join(str(error).split()), 2)
    except UsageError as error:
        return _complain(str(error), 2)
    except ReportError as error:
        return _complain(str(error), 1)
    except KeyboardInterrupt:
        return _complain(" | ".join(say("cli.interrupted", to) for to in LANGUAGES), 130)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # nobody reads on: no complaint at exit either
        return 0
    except Exception as error:
        return _unforeseen(error)
    return status if isinstance(status, int) else 0


def _unforeseen(error: Exception) -> int:
    if os.environ.get("SANSHI_DEBUG") == "1":
        raise error
    return _complain(str(unforeseen(error)), 1)


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _complain(text: str, status: int) -> int:
    print(f"✗ {text}", file=sys.stderr, flush=True)
    return status
