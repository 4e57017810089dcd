"""What helps to find things in the site: the index, the feed, the map."""

import json
import re
from urllib.parse import unquote
from xml.etree import ElementTree

import pytest
from sites import BULLETIN, entry, workspace_in, write_release

from sanshi_report import cli
from sanshi_report.publish import publish
from sanshi_report.publish.finding import Entry, grams, index

ATOM = {"a": "http://www.w3.org/2005/Atom"}
MAP = {"m": "http://www.sitemaps.org/schemas/sitemap/0.9"}
ENGLISH = entry("monthly_bulletin.en", "monthly_bulletin", "en")
REPORT = (
    '<!DOCTYPE html><html><head><title>{0}</title></head><body><h2 id="sec-总体">一、总体情况</h2>'
    "<p>拿地到<strong>开工</strong>平均 90 天。</p><table><tr><td>表内文字</td></tr></table>"
    '<h2 id="sources">数字出处</h2><p>出处</p></body></html>'
)


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    workspace = workspace_in(tmp_path_factory.mktemp("site"))
    write_release(workspace.output / "2024-06", [BULLETIN, ENGLISH], edition=2, html=REPORT)
    return workspace


@pytest.fixture(scope="module")
def site(workspace):
    return publish(workspace).folder


def held(script):
    """Return the entries of an index, and the numbers of those that have each gram."""
    content = json.loads(re.fullmatch(r"const INDEX = (.*);\n", script, re.DOTALL)[1])
    signs, found = content["signs"], {}
    for gram, steps in content["grams"].items():
        at, numbers = 0, []
        for sign in steps:
            at += len(signs) if sign == "!" else signs.index(sign)
            if sign != "!":
                numbers.append(at)
        found[gram] = numbers
    return content["entries"], found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("实质性开工", {"实质", "质性", "性开", "开工"}),
        ("H05 开", {"h05", "开"}),
        ("2024-06，3.5%", {"2024-06", "3.5"}),
        ("The Pace", {"the", "pace"}),
        ("—、；", set()),
        ("", set()),
    ],
)
def test_a_text_is_found_by_pairs_of_chinese_characters_and_by_other_words(text, found):
    assert grams(text) == found


def test_an_index_holds_which_entries_have_what_however_many_there_are():
    entries = [
        Entry(f"标题{n}", "", f"{n}.html", "开工" if n in (0, 7, 299) else "") for n in range(300)
    ]
    named, found = held(index(entries))
    assert found["开工"] == [0, 7, 299]
    assert found["标题"] == list(range(300))
    assert named[299] == ["标题299", "", "299.html"]


def test_an_index_is_a_script_whatever_is_in_it():
    script = index([Entry('</script>"\\', "\u2028", "x", "")])
    assert held(script)[0] == [['</script>"\\', "\u2028", "x"]]


def test_sections_of_reports_are_found_by_their_prose_and_not_by_their_tables_or_sources(site):
    entries, found = held((site / "assets/index.zh.js").read_text("utf-8"))
    (place,) = [n for n in found["拿地"] if entries[n][0] == "一、总体情况"]
    assert entries[place] == [
        "一、总体情况",
        "三十工程推进情况通报 · 2024年6月",
        "2024-06/monthly_bulletin.html#sec-总体",
    ]
    assert place in found["到开"]  # the emphasis between them parts no word
    assert "表内" not in found
    assert not [n for n in found.get("出处", []) if "monthly_bulletin" in entries[n][2]]


def test_projects_are_found_by_number_name_county_and_unit(site):
    entries, found = held((site / "assets/index.zh.js").read_text("utf-8"))
    for gram in ("h05", "生物", "市本", "甲局"):
        assert "projects/H05.html" in [entries[n][2] for n in found[gram]], gram


def test_each_language_finds_its_own_pages(site):
    entries, _ = held((site / "assets/index.en.js").read_text("utf-8"))
    paths = [entry[2] for entry in entries]
    assert "2024-06/monthly_bulletin.en.html#sec-总体" in paths
    assert not [path for path in paths if "monthly_bulletin.html" in path]
    assert not [path for path in paths if path.startswith("projects") and ".en." not in path]


@pytest.mark.parametrize(
    ("file", "first"), [("feed.xml", "2024年6月"), ("feed.en.xml", "June 2024")]
)
def test_the_feed_has_every_period_the_latest_first_with_its_edition(site, file, first):
    root = ElementTree.parse(site / file).getroot()
    titles = [one.text for one in root.findall("a:entry/a:title", ATOM)]
    assert titles[0].startswith(f"{first} · ")
    assert len(titles) == 2
    links = [one.get("href") for one in root.findall("a:entry/a:link", ATOM)]
    assert all((site / link).is_file() for link in links)
    for needed in ("id", "updated", "author/a:name", "title"):
        assert root.find(f"a:{needed}", ATOM).text


def test_a_revised_edition_is_an_entry_of_its_own_and_an_old_one_stays_the_same(workspace, site):
    def identities():
        root = ElementTree.parse(site / "feed.xml").getroot()
        return [one.text for one in root.findall("a:entry/a:id", ATOM)]

    june, may = identities()
    write_release(workspace.output / "2024-06", [BULLETIN, ENGLISH], edition=3, html=REPORT)
    publish(workspace)
    later = identities()
    assert later[0] != june
    assert later[1] == may


def test_the_map_has_every_page_and_says_that_its_addresses_are_relative(site):
    text = (site / "sitemap.xml").read_text("utf-8")
    assert "BASE_URL" in text
    places = [one.text for one in ElementTree.fromstring(text).findall("m:url/m:loc", MAP)]
    there = {p.relative_to(site).as_posix() for p in site.rglob("*.html")}
    assert {unquote(place) for place in places} == there
    assert len(set(places)) == len(places)


def test_with_an_address_feed_map_and_pages_say_where_they_are(tmp_path):
    one = workspace_in(tmp_path)
    folder = publish(one, base="https://sanshi.example/r").folder
    root = ElementTree.parse(folder / "feed.xml").getroot()
    hrefs = {link.get("rel", ""): link.get("href") for link in root.findall("a:link", ATOM)}
    assert hrefs == {
        "alternate": "https://sanshi.example/r/index.html",
        "self": "https://sanshi.example/r/feed.xml",
    }
    text = (folder / "sitemap.xml").read_text("utf-8")
    assert "<loc>https://sanshi.example/r/periods/2024-06.en.html</loc>" in text
    assert "BASE_URL" not in text
    page = (folder / "projects/H05.html").read_text("utf-8")
    assert '<link rel="canonical" href="https://sanshi.example/r/projects/H05.html">' in page


@pytest.mark.parametrize(
    "address", ["sanshi.example", "ftp://x/", "javascript:alert(1)", 'https://x/"><script>', "https://x/?a=b", "https://"]
)  # fmt: skip
def test_what_is_no_address_is_refused(tmp_path, capsys, address):
    one = workspace_in(tmp_path)
    assert cli.run(["publish", "--base-url", address, "--root", str(one.root)]) == 2
    assert "BASE_URL=https://" in capsys.readouterr().err
    assert not (one.output / "site").exists()
