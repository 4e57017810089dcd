"""The site: whole, offline, in both languages, and only of releases that are as they were made."""

import json
import re
from pathlib import Path

import pytest
from sites import BULLETIN, dead_links, entry, links_of, workspace_in, write_release

from sanshi_report import cli
from sanshi_report.build import manifest, place
from sanshi_report.errors import BuildError
from sanshi_report.publish import publish


@pytest.fixture
def workspace(tmp_path):
    return workspace_in(tmp_path)


def words_of(page):
    return re.sub(r"<[^>]+>", " ", page.read_text(encoding="utf-8"))


def files_of(folder):
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


def test_the_site_has_every_release_latest_first_in_both_languages(workspace):
    site = publish(workspace)
    assert [str(period) for period in site.periods] == ["2024-06", "2024-05"]
    assert site.excluded == ()
    for page, earlier in (("periods.html", "2024年5月"), ("periods.en.html", "May 2024")):
        text = words_of(site.folder / page)
        later = earlier.replace("5", "6").replace("May", "June")
        assert 0 <= text.index(later) < text.index(earlier)
    without_ledger = [n for n in files_of(workspace.output / "2024-06") if "ledger/" not in n]
    assert files_of(site.folder / "2024-06") == without_ledger


def test_the_headline_is_that_of_the_kpi_table(workspace):
    site = publish(workspace)
    chinese = " ".join(words_of(site.folder / "index.html").split())
    assert "已开工 8个 节点要求 9个" in chinese
    assert "应开未开 3个" in chinese
    assert "73.56亿元 年度计划 151.76亿元" in chinese
    assert "48.47% 序时进度 50.00% ▲ 预警" in chinese
    english = " ".join(words_of(site.folder / "index.en.html").split())
    assert "48.47% pace 50.00%" in english
    assert "7.356 billion yuan" in english


def test_every_link_leads_to_a_file_of_the_site(workspace):
    profile = entry("project_profile-H05", "project_profile", subject="H05 示例", project="H05")
    week = entry("weekly_digest-2024-W23-甲", "weekly_digest", week="2024-W23", official="甲")
    english = entry("monthly_bulletin.en", "monthly_bulletin", "en")
    write_release(workspace.output / "2024-06", [BULLETIN, english, profile, week])
    assert dead_links(publish(workspace).folder) == []


def test_documents_say_what_sets_them_apart(workspace):
    weeks = [
        entry(f"weekly_digest-2024-W{n}", "weekly_digest", week=f"2024-W{n}", official=None)
        for n in (22, 23)
    ]
    profile = entry("project_profile-H05", "project_profile", subject="H05 <示例>", project="H05")
    write_release(workspace.output / "2024-06", [*weeks, profile])
    site = publish(workspace)
    text = " ".join((site.folder / "periods/2024-06.html").read_text(encoding="utf-8").split())
    assert "2024年第23周（6月3日—6月9日）" in text
    assert "H05 &lt;示例&gt;" in text


def test_a_document_in_the_page_s_language_is_preferred(workspace):
    english = entry("monthly_bulletin.en", "monthly_bulletin", "en", formats=("html",))
    write_release(workspace.output / "2024-06", [BULLETIN, english])
    site = publish(workspace)
    links = links_of(site.folder / "reports.en.html")
    assert "2024-06/monthly_bulletin.en.html" in links.found
    assert "2024-06/monthly_bulletin.html" in links_of(site.folder / "reports.html").found
    foreign = [
        values
        for tag, values in links.tags
        if tag == "a" and values["href"] == "2024-05/monthly_bulletin.html" and "lang" in values
    ]
    assert [values["lang"] for values in foreign] == ["zh"]


def test_slides_are_listed_beside_the_other_documents(workspace):
    review = entry("review_meeting", "review_meeting", formats=("html", "pptx", "revealjs"))
    write_release(workspace.output / "2024-06", [review])
    site = publish(workspace)
    for page, word in (("index.html", "幻灯片"), ("index.en.html", "Slides")):
        text = (site.folder / page).read_text(encoding="utf-8")
        assert 'href="2024-06/review_meeting.pptx"' in text
        assert 'href="2024-06/review_meeting.slides.html"' in text
        assert word in text


def test_sample_data_is_announced_and_official_data_is_not(workspace):
    assert "示例数据" in words_of(publish(workspace).folder / "index.html")
    for period in ("2024-05", "2024-06"):
        write_release(workspace.output / period, status="official")
    assert "示例数据" not in words_of(publish(workspace).folder / "index.html")


def test_a_revised_release_is_marked_and_the_former_leads_to_it(workspace):
    release = workspace.output / "2024-06"
    write_release(release / "former/1", [BULLETIN, entry("task_list", "task_list")])
    former = {"edition": 1, "as_of": "2024-07-05T23:59:59+08:00", "folder": "former/1"}
    write_release(release, edition=2, supersedes=[former])
    site = publish(workspace)
    assert "修订版（第2版）" in words_of(site.folder / "index.html")
    assert "Revised (edition 2)" in words_of(site.folder / "index.en.html")
    links = links_of(site.folder / "periods/2024-06.html").found
    assert "../2024-06/former/1/monthly_bulletin.html" in links
    old = site.folder / "2024-06/former/1"
    for name, leads_to in (
        ("monthly_bulletin", "2024-06/monthly_bulletin.html"),
        ("task_list", "index.html"),
    ):
        assert "本版已被第2版取代" in words_of(old / f"{name}.html")
        _, link = links_of(old / f"{name}.html").found
        assert (old / link).resolve() == site.folder / leads_to
    assert "取代" not in (release / "former/1/monthly_bulletin.html").read_text(encoding="utf-8")


def test_a_period_whose_release_is_missing_or_not_as_made_is_left_out_and_told(workspace):
    (workspace.raw / "2024-04").mkdir()
    (workspace.output / "2024-05/monthly_bulletin.html").write_text("edited")
    site = publish(workspace)
    assert [str(period) for period in site.periods] == ["2024-06"]
    told = {error.key: str(error) for error in site.excluded}
    assert "monthly_bulletin.html" in told["release_damaged"]
    assert "make report PERIOD=2024-04" in told["release_missing"]
    assert not (site.folder / "2024-04").exists()
    assert not (site.folder / "2024-05").exists()


@pytest.mark.parametrize(
    "path",
    [
        "../../../evil.html",
        "tables/../../evil.html",
        "tables/monthly_bulletin-/../../../evil.csv",
        "/tmp/evil.html",
        "C:evil.html",
        "C:/evil.html",
        "C:\\evil.html",
        "..\\..\\evil.html",
        "\\\\host\\share",
        "evil.html\0.txt",
        "evil\n.html",
        "./evil.html",
        "tables//evil.html",
        "tables/",
        ". ./evil.html",
        "..",
        "",
        "e" * 256,
        "\ud800",
    ],
)
@pytest.mark.parametrize("where", ["output", "former", "name"])
def test_a_manifest_that_leads_out_of_its_release_is_refused_and_writes_nothing(
    workspace, path, where
):
    release = workspace.output / "2024-06"
    about = manifest.read(release)
    if where == "output":
        about["outputs"][0]["path"] = path
    elif where == "former":
        about["supersedes"] = [{"edition": 1, "as_of": about["as_of"], "folder": path}]
    else:
        about["reports"][0]["name"] = path
    (release / manifest.NAME).write_text(json.dumps(about), encoding="utf-8")
    before = files_of(workspace.root.parent)
    site = publish(workspace)
    (told,) = site.excluded
    assert told.key == "manifest_unsafe"
    assert "2024-06/manifest.json" in str(told)
    new = {n for n in files_of(workspace.root.parent) if n not in before}
    assert all(name.startswith("工作区/output/") for name in new)
    assert not [name for name in new if "2024-06" in name]


@pytest.mark.parametrize("linked", ["kpis.csv", "tables", "."])
def test_a_release_that_reaches_elsewhere_through_a_link_is_left_out(workspace, tmp_path, linked):
    path = workspace.output / "2024-06" / linked
    path.rename(tmp_path / "elsewhere")
    path.symlink_to(tmp_path / "elsewhere")
    site = publish(workspace)
    assert [error.key for error in site.excluded] == ["release_damaged"]
    assert [str(period) for period in site.periods] == ["2024-05"]


def test_a_link_is_no_file_that_is_as_it_was_made(workspace, tmp_path):
    release = workspace.output / "2024-06"
    about = manifest.read(release)
    (release / "kpis.csv").rename(tmp_path / "kpis.csv")
    (release / "kpis.csv").symlink_to(tmp_path / "kpis.csv")
    assert manifest.intact(release, about) == {
        "monthly_bulletin.html",
        "monthly_bulletin.pdf",
        "ledger/projects.csv",
        "revisions.csv",
        "tables/monthly_bulletin-annex.csv",
        "tables/starts.register.csv",
    }


def test_a_manifest_in_an_unknown_language_is_none(workspace):
    entry_of = {**BULLETIN, "language": '"><script>'}
    write_release(workspace.output / "2024-06", [entry_of])
    assert [error.key for error in publish(workspace).excluded] == ["release_missing"]


def test_a_site_that_fails_leaves_the_former_one(workspace, monkeypatch):
    site = publish(workspace)
    before = files_of(site.folder)
    (workspace.output / "2024-06/monthly_bulletin.html").unlink()
    (workspace.output / "2024-05/monthly_bulletin.html").unlink()
    with pytest.raises(BuildError) as caught:
        publish(workspace)
    assert caught.value.key == "site_empty"

    def full(path):
        raise OSError(28, "No space left on device", str(path))

    for period in ("2024-05", "2024-06"):
        write_release(workspace.output / period)
    monkeypatch.setattr(place, "_sync", full)
    with pytest.raises(BuildError) as caught:
        publish(workspace)
    assert caught.value.key == "disk_full"
    assert files_of(site.folder) == before
    assert [p.name for p in (workspace.output / ".staging").iterdir()] == ["site.lock"]


def test_publishing_again_gives_the_same_bytes(workspace):
    site = publish(workspace)
    before = {name: (site.folder / name).read_bytes() for name in files_of(site.folder)}
    publish(workspace)
    assert {name: (site.folder / name).read_bytes() for name in files_of(site.folder)} == before


def test_what_is_as_it_was_is_linked_and_not_written_again(workspace):
    site = publish(workspace)
    own = {name: (site.folder / name).stat().st_ino for name in files_of(site.folder)}
    pdf = workspace.output / "2024-06/monthly_bulletin.pdf"
    assert own["2024-06/monthly_bulletin.pdf"] == pdf.stat().st_ino
    write_release(workspace.output / "2024-06", edition=2)
    publish(workspace)
    new = {name for name in own if (site.folder / name).stat().st_ino != own[name]}
    assert "2024-06/monthly_bulletin.html" in new
    assert "periods/2024-06.html" in new
    assert not [name for name in new if name.startswith("2024-05/")]
    assert "periods/2024-05.html" not in new


def test_where_files_cannot_be_linked_they_are_copied(workspace, monkeypatch):
    def never(*_):
        raise OSError(1, "Operation not permitted")

    monkeypatch.setattr("os.link", never)
    site = publish(workspace)
    pdf = "2024-06/monthly_bulletin.pdf"
    assert (site.folder / pdf).read_bytes() == (workspace.output / pdf).read_bytes()
    assert (site.folder / pdf).stat().st_ino != (workspace.output / pdf).stat().st_ino


def test_making_the_site_leaves_every_release_as_it_is(workspace):
    before = {p: p.read_bytes() for p in workspace.output.rglob("*") if p.is_file()}
    publish(workspace)
    publish(workspace)
    assert {path: path.read_bytes() for path in before} == before


def test_only_the_latest_periods_are_kept(workspace):
    site = publish(workspace, keep=1)
    assert [str(period) for period in site.periods] == ["2024-06"]
    assert not (site.folder / "2024-05").exists()
    assert not (site.folder / "periods/2024-05.html").exists()
    assert (workspace.output / "2024-05").is_dir()


@pytest.mark.parametrize("found", ["0", "-1"])
def test_no_period_at_all_cannot_be_kept(workspace, capsys, found):
    assert cli.run(["publish", "--keep", found, "--root", str(workspace.root)]) == 2
    assert "KEEP=12" in capsys.readouterr().err


def test_the_command_says_what_it_left_out_and_where_the_site_is(workspace, capsys):
    (workspace.raw / "2024-04").mkdir()
    assert cli.run(["publish", "--root", str(workspace.root)]) == 0
    written = capsys.readouterr()
    assert Path(written.out.strip()) == workspace.output / "site/index.html"
    assert "2024-04" in written.err
