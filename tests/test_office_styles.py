"""The empty Word and PowerPoint files that documents take their styles from."""

import runpy

import docx
from ledgers import ROOT
from pptx import Presentation

from sanshi_report.render.word_styles import PAGES, file_of

MADE = runpy.run_path(str(ROOT / "tools/office_styles.py"))["made"]()


def test_the_committed_files_are_what_the_tool_writes():
    assert len(MADE) == 4
    for path, data in MADE.items():
        assert path.read_bytes() == data, f"run tools/office_styles.py: {path.name}"


def test_a_word_file_has_the_layout_of_an_official_document():
    # GB/T 9704: A4; margins 37, 26, 35 and 28 mm; 16 pt on a pitch of 28.95 pt.
    made = docx.Document(str(file_of("gbt9704")))
    (section,) = made.sections
    sides = (section.top_margin, section.right_margin, section.bottom_margin, section.left_margin)
    assert [round(side.mm) for side in sides] == [37, 26, 35, 28]
    body = made.styles["Body Text"]
    assert (body.font.size.pt, body.paragraph_format.line_spacing.pt) == (16, 28.95)


def test_every_layout_has_a_style_for_each_light():
    for layout in PAGES:
        names = {style.name for style in docx.Document(str(file_of(layout))).styles}
        assert {"灯-green", "灯-yellow", "灯-red", "灯-not_rated"} <= names


def test_slides_are_wide():
    (path,) = (path for path in MADE if path.suffix == ".pptx")
    made = Presentation(str(path))
    assert made.slide_width * 9 == made.slide_height * 16
