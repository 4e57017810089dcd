"""Releases as a build leaves them, small and made by hand, and what a reader finds in the pages of a site."""

from html.parser import HTMLParser
from urllib.parse import unquote, urlsplit

from workspaces import PROJECT

from sanshi_report.build import manifest
from sanshi_report.render import file_of
from sanshi_report.workspace import Workspace

KPIS = """period,as_of,kpi,scope,scope_value,target,actual,unit,gap,status
2024-06,,starts.milestone,portfolio,,9,8,个,-1,yellow
2024-06,,starts.started,portfolio,,,8,个,,
2024-06,,starts.started,sector,工业,,3,个,,
2024-06,,starts.due_not_started,portfolio,,,3,个,,
2024-06,,investment.ytd,portfolio,,151.76,73.557,亿元,-78.203,
2024-06,,investment.completion_pct,portfolio,,50.000000000000,48.469293621508,%,-1.53,yellow
2024-06,,investment.ytd,project,H05,9.5,3.135,亿元,-6.365,
2024-06,,investment.completion_pct,project,H05,50.000000000000,33.000000000000,%,-17,red
2024-06,,nodes.overdue,project,H05,,1,个,,
2024-06,,nodes.overdue,project,X03,,0,个,,
2024-06,,starts.due,project,X03,,0,个,,
2024-06,,investment.ytd,county,市本级,9.5,3.135,亿元,-6.365,
"""
EARLIER = (
    KPIS.replace("-17,red", "-17,yellow").replace("2024-06", "2024-05").replace("3.135", "2.5")
)
PROJECTS = """project_id,name,sector,kind,tier,county,lead_official,task_force,responsible_unit,scope,total_investment,\
annual_plan,planned_start,planned_completion
H05,示例生物制造项目,工业,continuing,city,市本级,示例领导戊,示例第五专班,示例甲局,,51.5,9.5,,2026-10-31
X03,示例加工<项目>,工业,new_build,county,示例乙区,示例领导己,示例第十六专班,示例乙区政府,,20,,2024-08-30,2026-06-30
"""
STARTS = "project_id,name,light\nX03,示例加工<项目>,not_rated\n"
ASKED = """level,asked,project_id,name,responsible_unit,problem_id,category,description,owner,due_on
市政府,settle,H05,示例生物制造项目,示例甲局,W1,资金筹措,第二批贷款未获批,财政金融部门,2024-07-05
"""
HTML = (
    '<!DOCTYPE html><html lang="zh-CN"><head><title>{0}</title></head>'
    '<body class="plain"><a class="skip" href="#report">跳</a><main id="report"><p>{0}</p></main></body></html>'
)


def entry(name, report, language="zh", subject="", formats=("html", "pdf"), **about):
    return {
        "name": name,
        "report": report,
        "about": about,
        "subject": subject,
        "language": language,
        "key": "…",
        "formats": list(formats),
    }


BULLETIN = entry("monthly_bulletin", "monthly_bulletin")


def write_release(
    folder, entries=(BULLETIN,), *, edition=1, supersedes=(), status="sample", more=None, html=HTML
):
    period = folder.name if folder.parent.name == "output" else folder.parents[1].name
    files = {
        "kpis.csv": EARLIER if period == "2024-05" else KPIS,
        "revisions.csv": "table\n",
        "tables/monthly_bulletin-annex.csv": "甲\n",
        "tables/starts.register.csv": STARTS,
        "ledger/projects.csv": PROJECTS,
        **(more or {}),
    }
    for one in entries:
        for format in one["formats"]:
            files[file_of(one["name"], format)] = html.format(f"{one['name']} {period} {edition}")
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)  # a site may have it as its own by a second name
        path.write_text(text, encoding="utf-8")
    about = {
        "period": folder.name,
        "as_of": "2024-07-05T23:59:59+08:00",
        "data_status": status,
        "edition": edition,
        "supersedes": list(supersedes),
        "inputs": [{"path": "data/raw/x", "sha256": "…"}],
        "data_key": "…",
        "reports": list(entries),
        "outputs": [
            {"path": name, "sha256": manifest.sha256_of(folder / name), "seconds": 0}
            for name in sorted(files)
        ],
    }
    manifest.write(about, folder)
    return about


def workspace_in(folder, *linked):
    """Return a workspace with the releases of May and June; `linked` are further folders of the project's own."""
    root = folder / "工作区"
    (root / "data/raw").mkdir(parents=True)
    (root / "output").mkdir()
    for name in ("parameters", *linked):
        (root / name).symlink_to(PROJECT / name)
    for period in ("2024-05", "2024-06"):
        write_release(root / "output" / period)
    return Workspace(root)


class Links(HTMLParser):
    """The links, identifiers and tags of a page."""

    def __init__(self):
        super().__init__()
        self.found, self.ids, self.tags = [], [], []

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        self.tags.append((tag, values))
        self.ids.append(values.get("id"))
        self.found += [values[name] for name in ("href", "src") if values.get(name)]


def links_of(page):
    links = Links()
    links.feed(page.read_text(encoding="utf-8"))
    return links


def dead_links(folder):
    """Return (page, link) of every link of a site that leads to no file or no place in one."""
    pages = {page: links_of(page) for page in sorted(folder.rglob("*.html"))}
    dead = []
    for page, links in pages.items():
        for link in links.found:
            parts = urlsplit(link)
            if parts.scheme == "data":
                continue
            there = (page.parent / unquote(parts.path)).resolve() if parts.path else page
            anchor = unquote(parts.fragment)
            known = anchor in pages[there].ids or "=" in anchor if there in pages else not anchor
            if parts.scheme or parts.netloc or not there.is_file() or (anchor and not known):
                dead.append((page.relative_to(folder).as_posix(), link))
    return dead
