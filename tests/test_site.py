"""The pages of the site: each has its own name, leads on, asks no other host, and says what was published."""

import csv
import re
from urllib.parse import unquote

import html5lib
import pytest
from sites import (
    ASKED,
    BULLETIN,
    PROJECTS,
    dead_links,
    entry,
    links_of,
    workspace_in,
    write_release,
)

from sanshi_report.publish import publish

WEEKS = [
    entry(f"weekly_digest-2024-W{n}", "weekly_digest", week=f"2024-W{n}", official=None)
    for n in (23, 24)
]
PROFILE = entry("project_profile-H05", "project_profile", subject="H05 示例", project="H05")
ENGLISH = entry("monthly_bulletin.en", "monthly_bulletin", "en")


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    workspace = workspace_in(tmp_path_factory.mktemp("site"), "docs")
    write_release(workspace.output / "2024-06", [BULLETIN, ENGLISH, *WEEKS, PROFILE])
    return workspace


@pytest.fixture(scope="module")
def site(workspace):
    return publish(workspace).folder


@pytest.fixture(scope="module")
def pages(site):
    return {p.relative_to(site).as_posix(): p.read_text("utf-8") for p in site.rglob("*.html")}


def own(pages):
    """Return the pages that are no reports."""
    return {name: text for name, text in pages.items() if not name.startswith("2024-")}


def text_of(html):
    return " ".join(re.sub(r"<[^>]+>", " ", html.partition("<body")[2]).split())


def test_every_link_leads_somewhere(site):
    assert dead_links(site) == []


def test_every_page_is_well_formed(pages):
    for name, text in own(pages).items():
        parser = html5lib.HTMLParser(strict=False)
        parser.parse(text)
        assert parser.errors == [], name


def test_every_page_has_a_title_of_its_own_and_says_what_it_is_about(pages):
    titles = [re.search(r"<title>([^<]+)</title>", text)[1] for text in own(pages).values()]
    assert sorted(set(titles)) == sorted(titles)
    for name, text in own(pages).items():
        assert re.search(r'<meta name="description" content="[^"]{8,}">', text), name


def test_every_page_leads_home_and_to_itself_in_the_other_language(site, pages):
    for name in own(pages):
        ending = ".en.html" if name.endswith(".en.html") else ".html"
        twin = (
            name.replace(".en.html", ".html")
            if ending == ".en.html"
            else name.replace(".html", ".en.html")
        )
        there = {
            ((site / name).parent / unquote(link)).resolve() for link in links_of(site / name).found
        }
        assert {(site / f"index{ending}").resolve(), (site / twin).resolve()} <= there, name


def test_no_page_asks_another_host_for_anything(pages):
    for name, text in own(pages).items():
        assert not re.search(r"""(?:src|href)=["']?(?:https?:)?//""", text), name
        assert not re.search(r"url\(|@import", text), name
        assert "default-src 'none'" in text, name


def test_no_two_things_of_a_page_have_one_identifier(pages, site):
    for name in pages:
        ids = [one for one in links_of(site / name).ids if one]
        assert sorted(set(ids)) == sorted(ids), name


def test_periods_lead_to_those_before_and_after(site):
    first, last = (links_of(site / f"periods/2024-0{n}.html").found for n in (5, 6))
    assert "2024-06.html" in first
    assert "2024-05.html" in last


@pytest.mark.parametrize(
    ("page", "links"),
    [
        ("2024-05/monthly_bulletin.html",
         {"../index.html", "../periods/2024-05.html", "../2024-06/monthly_bulletin.html"}),
        ("2024-06/monthly_bulletin.html",
         {"../index.html", "../periods/2024-06.html", "../2024-05/monthly_bulletin.html", "monthly_bulletin.en.html"}),
        ("2024-06/monthly_bulletin.en.html",
         {"../index.en.html", "../periods/2024-06.en.html", "monthly_bulletin.html"}),
        ("2024-06/weekly_digest-2024-W23.html",
         {"../index.html", "../periods/2024-06.html", "weekly_digest-2024-W24.html"}),
    ],
)  # fmt: skip
def test_a_report_leads_home_to_its_period_and_to_those_before_and_after(site, page, links):
    folder = (site / page).parent
    found = {(folder / link).resolve() for link in links_of(site / page).found}
    assert {(folder / link).resolve() for link in links} == found - {(site / page).resolve()} - {
        (folder / "#report").resolve()
    }


def test_the_first_stop_on_a_report_s_page_is_still_the_way_to_its_text(pages):
    text = pages["2024-06/monthly_bulletin.html"]
    assert text.index('class="skip"') < text.index('class="site-bar"') < text.index("<main")


def test_what_is_said_of_a_project_whose_light_changed(pages):
    text = text_of(pages["index.html"])
    assert "与2024年5月相比，预警灯有变化的项目" in text
    assert "示例生物制造项目 ▲ 预警 ■ 滞后" in text
    assert "示例加工" not in text.partition("下一步")[0]


def test_what_is_to_be_decided_is_that_of_the_latest_review(workspace, tmp_path):
    one = workspace_in(tmp_path)
    write_release(one.output / "2024-05", more={"tables/review.decisions.csv": ASKED})
    text = text_of((publish(one).folder / "index.html").read_text("utf-8"))
    assert "请定事项（2024年5月调度会讲评）" in text
    assert "示例生物制造项目 资金筹措 第二批贷款未获批 市政府 财政金融部门 7月5日" in text


def test_what_comes_next_is_the_next_period_s_cutoff_reports_and_milestone(pages):
    text = text_of(pages["index.html"]).partition("下一步")[2]
    assert text.startswith(
        " 2024年8月5日 2024年7月的数据截止。 应出报告：三十工程推进情况通报、三十工程推进任务清单"
    )
    assert "2024年9月30日 开工节点：累计实质性开工14个。" in text
    english = text_of(pages["index.en.html"]).partition("What comes next")[2]
    assert "30 September 2024 Milestone: 14 substantive starts in all." in english


def test_every_number_of_an_indicator_leads_to_its_cell(workspace, pages):
    said = [
        (value, at)
        for text in own(pages).values()
        for value, at in re.findall(r'<data value="([^"]*)" data-at="([^"]*)">', text)
        if "kpis.csv" in at
    ]
    assert len(said) > 20
    for value, at in said:
        file, _, place = at.partition("#")
        kpi, scope, scope_value, column = place.split(",")
        rows = csv.DictReader((workspace.output / file).read_text("utf-8").splitlines())
        (row,) = [
            r for r in rows if (r["kpi"], r["scope"], r["scope_value"]) == (kpi, scope, scope_value)
        ]
        assert row[column] == value


def test_a_project_s_page_has_its_light_and_figures_in_every_period(pages):
    text = text_of(pages["projects/H05.html"])
    assert "2024年5月 ▲ 预警 2024年6月 ■ 滞后" in text
    history = text.partition("各期情况 斜线后为目标")[2]
    assert "2024年6月 ■ 滞后 3.14亿元 / 9.50亿元 33.00% / 50.00% 1个" in history
    assert "2024年5月 ▲ 预警 2.50亿元 / 9.50亿元 33.00% / 50.00% 1个" in history
    english = text_of(pages["projects/H05.en.html"])
    assert "Sector Industry Kind Continuing Level City" in english


def test_a_project_s_page_shows_what_is_open_in_the_latest_period_alone(workspace, tmp_path):
    one = workspace_in(tmp_path)
    heads = "project_id,category,description,tier,owner,due_on,days_overdue\n"
    for period, row in (("2024-05", "H05,旧事,旧,现场,甲局,2024-05-01,9"),
                        ("2024-06", "X03,用地报批,地界不清,现场,乙局,2024-06-20,10")):  # fmt: skip
        more = {"tables/problems.open_problems.csv": f"{heads}{row}\n"}
        write_release(one.output / period, more=more)
    folder = publish(one).folder
    assert "未解决的问题" not in text_of((folder / "projects/H05.html").read_text("utf-8"))
    text = text_of((folder / "projects/X03.html").read_text("utf-8"))
    assert "未解决的问题（2024年6月）" in text
    assert "用地报批 地界不清 现场 乙局 6月20日 10" in text


def test_what_a_project_is_called_is_never_markup(pages):
    assert "示例加工&lt;项目&gt;" in pages["projects.html"]
    assert not [name for name, text in pages.items() if "<项目>" in text]


def test_a_project_s_page_leads_to_the_sections_that_speak_of_it(tmp_path):
    html = (
        '<!DOCTYPE html><html><head><title>{0}</title></head><body><h2 id="sec-一">一、甲</h2><p>示例生物制造项目</p>'
        '<table><tr><th scope="row">示例生物制造项目</th></tr></table>'
        '<h2 id="sec-二">二、乙</h2><p>无</p><h2 id="sources">出处</h2><p>示例加工&lt;项目&gt;</p></body></html>'
    )
    one = workspace_in(tmp_path)
    write_release(one.output / "2024-06", [BULLETIN, PROFILE], html=html)
    site = publish(one).folder
    links = links_of(site / "projects/H05.html").found
    assert [link for link in links if link.startswith("../2024-")] == [
        "../2024-06/monthly_bulletin.html#sec-%E4%B8%80",
        "../2024-06/project_profile-H05.html",
    ]
    assert not [x for x in links_of(site / "projects/X03.html").found if "2024-06/" in x]
    assert "../projects/H05.html" in links_of(site / "2024-06/monthly_bulletin.html").found


def test_counties_and_units_have_their_projects_and_no_others(pages):
    county = text_of(pages["counties/市本级.html"])
    assert "示例生物制造项目" in county
    assert "示例加工" not in county
    assert "2024年6月 3.14亿元 / 9.50亿元" in county
    assert "示例加工" in text_of(pages["units/示例乙区政府.html"])
    assert "市本级 0 0 0 1 0 1" in text_of(pages["counties.html"])


def test_a_project_that_left_the_register_keeps_its_page(tmp_path):
    one = workspace_in(tmp_path)
    left = {"ledger/projects.csv": "".join(PROJECTS.splitlines(keepends=True)[:2])}
    write_release(one.output / "2024-06", more=left)
    text = text_of((publish(one).folder / "projects/X03.html").read_text("utf-8"))
    assert "— 不考核 2024年5月" in text


def test_a_release_without_the_rows_behind_it_has_no_pages_of_projects(tmp_path):
    one = workspace_in(tmp_path)
    empty = "project_id,name,sector,kind,tier,county,lead_official,task_force,responsible_unit,total_investment,"
    empty += "annual_plan,planned_start,planned_completion\n"
    for period in ("2024-05", "2024-06"):
        write_release(one.output / period, more={"ledger/projects.csv": empty})
    folder = publish(one).folder
    assert not (folder / "projects.html").exists()
    assert dead_links(folder) == []


def test_the_meaning_of_indicators_and_data_is_read_in_the_site(site, pages):
    assert "计划开工日期不晚于期末的新建项目数" in text_of(pages["docs/indicators.html"])
    assert '<h3 id="projects-projectscount">' in pages["docs/indicators.en.html"]
    links = links_of(site / "docs/data.en.html").found
    assert {"collecting.en.html", "data.html"} <= set(links)
    assert "<script" not in pages["docs/reference.html"]


def test_the_home_page_is_light(site):
    assert (site / "index.html").stat().st_size < 200_000


BUNDLE = "x" * 100_000
LIVE = (
    '<!DOCTYPE html><html><head><meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
    "script-src 'sha256-abc='; style-src 'unsafe-inline'\"><title>{0}</title></head><body>"
    '<a class="csv" download="a.csv" href="data:text/csv;base64,77u/55SyCg==">CSV</a>'
    '<a class="csv" download="b.csv" href="data:text/csv;base64,77u/5LmZCg==">CSV</a>'
    "<script>" + BUNDLE + "</script></body></html>"
)


def test_reports_share_the_script_of_their_charts_and_refer_to_tables_of_the_site(tmp_path):
    workspace = workspace_in(tmp_path)
    for period in ("2024-05", "2024-06"):
        write_release(workspace.output / period, html=LIVE)
    folder = publish(workspace).folder
    scripts = (folder / "assets").glob("charts-*.js")
    (shared,) = (one for one in scripts if one.read_text("utf-8") == BUNDLE)
    for period in ("2024-05", "2024-06"):
        text = (folder / period / "monthly_bulletin.html").read_text("utf-8")
        assert f'<script src="../assets/{shared.name}"></script>' in text
        assert "script-src 'self' file:; style-src" in text
        assert BUNDLE not in text
        assert f'download="a.csv" href="../data/{period}/monthly_bulletin-annex.csv"' in text
        assert (
            'download="b.csv" href="data:text/csv;base64,' in text
        )  # nothing of the site is like it
        assert BUNDLE in (workspace.output / period / "monthly_bulletin.html").read_text("utf-8")
    assert dead_links(folder) == []


def test_a_page_without_a_shared_script_keeps_its_policy(pages):
    assert "file:" not in pages["2024-06/monthly_bulletin.html"]
