"""The site in a real browser: Debian's Chromium, files from the disk, the network off."""

import shutil

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright
from sites import BULLETIN, entry, workspace_in, write_release

from sanshi_report.publish import publish

CHROMIUM = shutil.which("chromium")
pytestmark = pytest.mark.skipif(
    not CHROMIUM, reason="NO PAGE WAS LOOKED AT: there is no chromium; apt install chromium"
)
PROFILE = entry("project_profile-H05", "project_profile", subject="H05 示例", project="H05")
KINDS = (
    "index", "periods", "periods/2024-06", "reports", "projects", "projects/H05", "counties", "counties/示例乙区",
    "units", "units/示例甲局", "data", "search", "compare", "compare/2024-05_2024-06", "explore",
    "docs/indicators", "docs/data",
)  # fmt: skip
every_kind = pytest.mark.parametrize("kind", KINDS)


HTML = (
    '<!DOCTYPE html><html lang="zh-CN"><head><title>{0}</title></head><body><h1>{0}</h1>'
    '<h2 id="sec-总体">一、总体情况</h2><p>拿地到实质性开工平均 90 天。</p></body></html>'
)


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    workspace = workspace_in(tmp_path_factory.mktemp("site"), "docs")
    write_release(workspace.output / "2024-06", [BULLETIN, PROFILE], html=HTML)
    return publish(workspace).folder


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as driver:
        running = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield running
        running.close()


@pytest.fixture
def opened(browser, site):
    """Open pages of the site; at the end none may have complained or asked for anything elsewhere."""
    contexts, complaints = [], []

    def note(request):
        if not request.url.startswith((site.as_uri(), "data:", "blob:")):
            complaints.append(f"asked for {request.url}")

    def opened(page, width=1280, **options):
        context = browser.new_context(
            viewport={"width": width, "height": 900}, offline=True, **options
        )
        contexts.append(context)
        tab = context.new_page()
        tab.on("console", lambda said: complaints.append(said.text))
        tab.on("pageerror", lambda error: complaints.append(str(error)))
        tab.on("request", note)
        file, _, anchor = page.partition("#")
        tab.goto((site / file).as_uri() + (f"#{anchor}" if anchor else ""))
        return tab

    yield opened
    for context in contexts:
        context.close()
    assert complaints == []


def shown(tab):
    """Return the names of the projects that a page's table shows, from top to bottom."""
    return [
        row.locator("th a").inner_text()
        for row in tab.locator("#projects tbody tr").all()
        if row.is_visible()
    ]


@every_kind
@pytest.mark.parametrize("width", [390, 768, 1280])
@pytest.mark.parametrize("ending", [".html", ".en.html"])
def test_no_page_is_wider_than_the_screen(opened, kind, width, ending):
    tab = opened(kind + ending, width)
    assert tab.evaluate("document.documentElement.scrollWidth") <= width


@every_kind
@pytest.mark.parametrize("colours", ["light", "dark"])
def test_axe_finds_nothing_to_mend(opened, kind, colours):
    found = Axe().run(opened(f"{kind}.html", color_scheme=colours))
    told = [(one["id"], one["nodes"][0]["html"]) for one in found.response["violations"]]
    assert told == []


@every_kind
def test_what_can_be_pressed_is_24_px_high_and_wide(opened, kind):
    tab = opened(f"{kind}.html", 390)
    small = tab.evaluate(
        """[...document.querySelectorAll('a, button, select, input, summary')]
        .filter((one) => !one.closest('p, caption, .skip') && !one.matches('.skip') && one.offsetParent)
        .map((one) => [one.outerHTML, one.getBoundingClientRect()])
        .filter(([, box]) => box.height < 23.5 || box.width < 23.5).map(([html]) => html)"""
    )
    assert small == []


def test_projects_are_chosen_by_what_they_are(opened):
    tab = opened("projects.html")
    assert shown(tab) == ["示例生物制造项目", "示例加工<项目>"]
    tab.select_option("[name=sector]", "工业")
    assert len(shown(tab)) == 2
    tab.select_option("[name=kind]", "new_build")
    assert shown(tab) == ["示例加工<项目>"]
    assert tab.locator("[role=status]").inner_text() == "1个项目"
    tab.click("[type=reset]")
    tab.wait_for_function("document.querySelector('[role=status]').textContent === '2个项目'")


def test_projects_are_found_by_any_words_of_their_rows(opened):
    tab = opened("projects.html")
    tab.fill("[name=words]", "乙区 加工")
    assert shown(tab) == ["示例加工<项目>"]
    tab.fill("[name=words]", "无此项目")
    assert shown(tab) == []


def test_the_home_page_leads_to_the_projects_with_a_light(opened):
    tab = opened("index.html")
    tab.click("text=滞后 1个")
    tab.wait_for_selector("#choose:not([hidden])")
    assert shown(tab) == ["示例生物制造项目"]
    assert tab.locator("[name=light]").input_value() == "red"


def test_projects_are_sorted_by_a_column_up_and_down(opened):
    tab = opened("projects.html")
    tab.click("thead button:has-text('项目')")
    assert shown(tab) == ["示例生物制造项目", "示例加工<项目>"]
    tab.click("thead button:has-text('项目')")
    assert shown(tab) == ["示例加工<项目>", "示例生物制造项目"]
    assert tab.locator("th[aria-sort]").get_attribute("aria-sort") == "descending"


def test_projects_are_sorted_from_the_list_on_a_phone(opened):
    tab = opened("projects.html", 390)
    tab.select_option("#order", label="逾期节点 ↑")
    assert shown(tab) == ["示例加工<项目>", "示例生物制造项目"]
    tab.select_option("#order", label="完成比例 ↓")
    assert shown(tab) == ["示例生物制造项目", "示例加工<项目>"]


def test_the_table_is_chosen_and_sorted_with_the_keyboard_alone(opened):
    tab = opened("projects.html")
    tab.focus("[name=words]")
    tab.keyboard.type("H05")
    assert shown(tab) == ["示例生物制造项目"]
    tab.focus("thead button >> nth=0")
    tab.keyboard.press("Enter")
    assert tab.locator("th[aria-sort]").get_attribute("aria-sort") == "ascending"


def results(tab):
    return tab.locator("#results li a").all_inner_texts()


def test_sections_of_reports_are_found_by_what_they_say_in_chinese(opened):
    tab = opened("search.html")
    tab.fill("#words", "实质性开工")
    assert results(tab)[0] == "一、总体情况"
    assert tab.locator("#found").inner_text() == f"找到{len(results(tab))}处"
    tab.click("#results a >> nth=0")
    tab.wait_for_selector("#sec-总体")
    assert tab.url.endswith("#sec-%E6%80%BB%E4%BD%93")


@pytest.mark.parametrize("typed", ["H05", "h05", "生物制造", "生", "示例甲局 工业"])
def test_a_project_is_found_by_number_name_unit_or_a_single_character(opened, typed):
    tab = opened("search.html")
    tab.fill("#words", typed)
    assert "H05 示例生物制造项目" in results(tab)


@pytest.mark.parametrize("typed", ["查无此事", "<q>", "!!", "constructor"])
def test_nothing_is_found_where_there_is_nothing(opened, typed):
    tab = opened("search.html")
    tab.fill("#words", typed)
    assert results(tab) == []


def test_a_search_can_be_kept_as_a_link(opened):
    tab = opened("search.en.html#q=H05")
    assert results(tab)[0] == "H05 示例生物制造项目"


def test_without_scripts_the_search_page_leads_to_the_lists(opened):
    tab = opened("search.html", java_script_enabled=False)
    assert not tab.locator("#search").is_visible()
    tab.click("#without a:text-is('项目')")
    assert tab.locator("#projects").is_visible()


def test_any_two_periods_are_compared(opened):
    tab = opened("compare.html")
    row = tab.locator("#projects tbody tr").first
    assert row.inner_text().split() == [
        "示例生物制造项目",
        "▲",
        "预警",
        "■",
        "滞后",
        "33.00%",
        "33.00%",
    ]
    tab.select_option("#first", "2024-06")
    tab.select_option("#second", "2024-05")
    assert row.inner_text().split() == [
        "示例生物制造项目",
        "■",
        "滞后",
        "▲",
        "预警",
        "33.00%",
        "33.00%",
    ]
    assert tab.locator("#kpis thead th").all_inner_texts()[1:] == ["2024年6月", "2024年5月"]
    tab.check("#changed")
    assert tab.locator("#projects tbody tr").count() == 1
    assert tab.locator("#kpis tbody tr").count() == 0


def test_a_comparison_can_be_kept_as_a_link(opened):
    tab = opened("compare.en.html#first=2024-06&second=2024-05")
    assert tab.locator("#first").input_value() == "2024-06"
    assert tab.locator("#second").input_value() == "2024-05"


def test_without_scripts_neighbouring_periods_are_compared_on_a_page(opened):
    tab = opened("compare.html", java_script_enabled=False)
    assert not tab.locator("#choose").is_visible()
    tab.click("text=2024年5月和2024年6月")
    assert tab.locator("tr.moved").count() == 1


def test_charts_are_live_and_a_project_pressed_above_stands_alone_below(opened):
    tab = opened("explore.html")
    tab.wait_for_selector(".vega-embed")
    points = ".vega-embed .mark-symbol.role-mark path"
    assert tab.locator(points).count() == 2
    tab.locator(".vega-embed .mark-rect.role-mark path").nth(2).click(force=True)
    tab.wait_for_function(f"document.querySelectorAll('{points}').length === 0")
    tab.locator(".vega-embed .mark-rect.role-mark path").nth(2).hover(force=True)
    tab.wait_for_selector("#vg-tooltip-element.visible")
    assert "示例" in tab.locator("#vg-tooltip-element").inner_text()


def test_without_scripts_charts_are_drawn(opened):
    tab = opened("explore.html", java_script_enabled=False)
    assert tab.locator(".drawing svg").is_visible()


def test_without_scripts_the_whole_table_is_there_and_nothing_that_would_not_work(opened):
    tab = opened("projects.html", java_script_enabled=False)
    assert tab.locator("#projects tbody tr").count() == 2
    assert not tab.locator("#choose").is_visible()


def test_on_a_phone_a_row_is_a_card_that_begins_with_its_light(opened):
    tab = opened("projects.html", 390)
    card = tab.locator("#projects tbody tr").first
    light, name = card.locator("td.first").bounding_box(), card.locator("th").bounding_box()
    assert light["y"] < name["y"]
    assert light["x"] + light["width"] <= 390
