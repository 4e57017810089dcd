"""Write the empty Word and PowerPoint files whose pages, fonts and styles reports take over.

Run it after a style has changed; a test compares. They can be opened and looked at in Word and PowerPoint.
"""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import docx
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_TAB_ALIGNMENT
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor
from pptx import Presentation
from pptx.oxml import parse_xml
from pptx.oxml.ns import nsdecls

from sanshi_report.render.deck import AREA, PAGE, Area
from sanshi_report.render.document import Layout
from sanshi_report.render.office import settled
from sanshi_report.render.page import COLOURS
from sanshi_report.render.slides_template import ABOVE, AMBER, COVER, NOTICE, NUMBER, REPORT
from sanshi_report.render.slides_template import FILE as SLIDES
from sanshi_report.render.word_styles import (
    BODY,
    HEADING,
    LATIN,
    PAGES,
    TITLE,
    Page,
    element,
    file_of,
)

_LEFT, _CENTER, _BOTH = (
    WD_ALIGN_PARAGRAPH.LEFT,
    WD_ALIGN_PARAGRAPH.CENTER,
    WD_ALIGN_PARAGRAPH.JUSTIFY,
)


# What every office machine has, whatever free fonts the PDF is set in.
_FACE, _LATIN = "微软雅黑", "Arial"

_COVER_RULE = Area(360, 276, 240, 3)

_PLACES = {
    "title": Area(48, 42, 864, 72),
    "body": AREA,
    "above": Area(48, 12, 560, 22),
    "notice": Area(200, 508, 560, 22),
    "number": Area(812, 508, 100, 22),
}
_COVER_PLACES = {
    "title": Area(80, 120, 800, 144),
    "body": Area(80, 296, 800, 150),
    "above": Area(80, 36, 800, 44),
}
_RED, _INK, _SOFT = "C4161C", "1A1A1A", "57606A"
_COLOURS = {
    "dk1": _INK, "lt1": "FFFFFF", "dk2": _SOFT, "lt2": "F2F2F2", "accent1": _RED, "accent2": "1F5A94",
    "accent3": "B45309", "accent4": "57606A", "accent5": "8FA3B5", "accent6": "C9CED4",
    "hlink": "0B4F9E", "folHlink": "57606A",
}  # fmt: skip


_P = "http://schemas.openxmlformats.org/presentationml/2006/main"
_NAMES = nsdecls("a", "p", "r")


def made() -> dict[Path, bytes]:
    """Return every file and its bytes, which are always the same."""
    built = {file_of(layout): word(layout) for layout in PAGES} | {SLIDES: slides()}
    found: dict[Path, bytes] = {}
    for path, one in built.items():
        saved = io.BytesIO()
        one.save(saved)
        found[path] = settled(saved.getvalue())
    return found


def word(layout: Layout) -> Any:
    """Return an empty Word document with every style that reports of a layout use."""
    page = PAGES[layout]
    made = docx.Document()
    _page(made.sections[0], page, official=layout == "gbt9704")
    for spoken in made.styles.element.iter(qn("w:lang")):
        spoken.set(qn("w:eastAsia"), "zh-CN")
    indent = page.body * 2
    for name in ("Normal", "Body Text", "First Paragraph", "Compact", "Block Text"):
        first = 0 if name in ("Normal", "Compact") else indent
        style = _paragraph(made, name, page.body, BODY, _BOTH, page.pitch, indent=first)
        if layout == "gbt9704":
            # 28 characters to the line: a fifth of a point off each.
            style.element.rPr.find(qn("w:sz")).addprevious(element("spacing", val=-4))
    _paragraph(made, "Title", 22, TITLE, _CENTER, 32, before=page.pitch, after=10, bold=True)
    _paragraph(made, "Subtitle", page.body, BODY, _CENTER, page.pitch, after=page.pitch / 2)
    official = layout == "gbt9704"
    size = page.body if official else page.body + 3
    for level in (1, 2, 3, 4):
        face = HEADING if level == 1 else BODY
        name = f"Heading {level}"
        style = _paragraph(made, name, size, face, _LEFT, page.pitch, bold=level > 1)
        style.paragraph_format.keep_with_next = True
        style.paragraph_format.space_before = Pt(0 if official else page.pitch / 3)
        _first_line(style, indent if official else 0)
        # What is shown in a meeting has a page for each section.
        style.paragraph_format.page_break_before = layout == "landscape" and level == 1
        size = page.body
    _special(made, page, layout)
    for status, colour in COLOURS.items():
        light = made.styles.add_style(f"灯-{status}", WD_STYLE_TYPE.CHARACTER)
        _face(light, HEADING, None)
        # The symbol belongs to the Chinese word after it.
        light.element.rPr.rFonts.set(qn("w:hint"), "eastAsia")
        light.font.color.rgb = RGBColor.from_string(colour.lstrip("#").upper())
    number = made.styles.add_style("图表编号", WD_STYLE_TYPE.CHARACTER)
    number.font.color.rgb = RGBColor(0xB3, 0x19, 0x1B)
    return made


def _bordered(style: Any, side: str, size: int, colour: str) -> None:
    """Give a paragraph style a rule on one side; `size` in eighths of a point."""
    borders = element("pBdr")
    borders.append(element(side, val="single", sz=size, space=6, color=colour))
    later = ("shd", "tabs", "spacing", "ind", "contextualSpacing", "jc", "outlineLvl")
    style.element.get_or_add_pPr().insert_element_before(borders, *(f"w:{n}" for n in later))


def _special(made: Any, page: Page, layout: Layout) -> None:
    red = RGBColor(0xC4, 0x16, 0x1C)
    head = _paragraph(made, "红头", 36, TITLE, _CENTER, 50, bold=True)
    head.font.color.rgb = red
    issue = _paragraph(made, "期号", page.body - 1, BODY, _LEFT, page.pitch)
    issue.paragraph_format.tab_stops.add_tab_stop(Mm(page.line), WD_TAB_ALIGNMENT.RIGHT)
    if layout == "gbt9704":
        _bordered(issue, "bottom", 18, "C4161C")
    ribbon = _paragraph(made, "修订提示", 10.5, HEADING, _CENTER, 16)
    ribbon.font.color.rgb = red
    size = 12 if page.body > 14 else 10.5
    for name in ("Table Caption", "Image Caption"):
        caption = _paragraph(made, name, size, HEADING, _CENTER, 0, before=6, after=6)
        # A table's caption stands above it, a figure's below.
        caption.paragraph_format.keep_with_next = name == "Table Caption"
    picture = _paragraph(made, "图", page.body, BODY, _CENTER, 0, before=6)
    picture.paragraph_format.keep_with_next = True
    _paragraph(made, "表格文字", page.table, BODY, _LEFT, 0)
    notes = _paragraph(made, "表注", page.table - 1.5, BODY, _LEFT, 0, before=2, after=2)
    notes.font.color.rgb = RGBColor(0x5A, 0x5A, 0x5A)
    _paragraph(made, "分节", 1, BODY, _LEFT, 1)
    _paragraph(made, "Header", 9, HEADING, _CENTER, 0).font.color.rgb = RGBColor(0x5A, 0x5A, 0x5A)
    _paragraph(made, "Footer", 14 if layout == "gbt9704" else 10.5, TITLE, _CENTER, 0)


def _paragraph(
    made: Any,
    name: str,
    size: float,
    face: str,
    align: Any,
    pitch: float,
    *,
    indent: float = 0,
    before: float = 0,
    after: float = 0,
    bold: bool = False,
) -> Any:
    known = {style.name for style in made.styles}
    style = (
        made.styles[name] if name in known else made.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
    )
    # The stock template's own colours, spacing and rules go; a heading's level stays.
    for stock in [*style.element.xpath("./w:rPr/*"), *style.element.xpath("./w:pPr/*")]:
        if stock.tag != qn("w:outlineLvl"):
            stock.getparent().remove(stock)
    _face(style, face, size)
    style.font.bold, style.font.italic = bold, False
    style.font.color.rgb = RGBColor(0x0F, 0x0F, 0x0F)
    style.quick_style = True
    style.hidden = False
    shape = style.paragraph_format
    shape.alignment = align
    shape.space_before, shape.space_after = Pt(before), Pt(after)
    # No pitch means as tall as what it holds: an exact one would cut a picture.
    shape.line_spacing = Pt(pitch) if pitch else 1.0
    shape.left_indent = shape.right_indent = Pt(0)
    _first_line(style, indent)
    return style


def _first_line(style: Any, indent: float) -> None:
    style.paragraph_format.first_line_indent = Pt(indent)
    measures = style.element.get_or_add_pPr().get_or_add_ind()
    measures.set(qn("w:firstLineChars"), "200" if indent else "0")


def _face(style: Any, face: str, size: float | None) -> None:
    if size is not None:
        style.font.size = Pt(size)
    style.font.name = LATIN
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{theme}"), None)
    fonts.set(qn("w:eastAsia"), face)
    fonts.set(qn("w:cs"), LATIN)


def _page(section: Any, page: Page, official: bool) -> None:
    section.page_width, section.page_height = (Mm(side) for side in page.size)
    section.top_margin, section.right_margin, section.bottom_margin, section.left_margin = (
        Mm(side) for side in page.margins
    )
    section.header_distance = Mm(18 if official else 10)
    section.footer_distance = Mm(24 if official else 9)
    # Lines have an exact pitch of their own; a grid would stretch tables to it as well.
    section._sectPr.remove(section._sectPr.find(qn("w:docGrid")))


def slides() -> Any:
    """Return an empty presentation with every layout that slides use."""
    made: Any = Presentation()
    scale = Pt(PAGE[0]) / made.slide_width
    made.slide_width, made.slide_height = Pt(PAGE[0]), Pt(PAGE[1])
    size = made.part._element.sldSz
    del size.attrib["type"]
    # Some pandocs fill in the list of slides only where there is one.
    size.addprevious(parse_xml(f"<p:sldIdLst {_NAMES}/>"))
    master = made.slide_master
    _theme(master)
    for layout in master.slide_layouts:
        _widened(layout, scale)
    _dress_master(master)
    for layout in master.slide_layouts:
        if layout.name == COVER:
            _dress_cover(layout)
        elif layout.name == "Title and Content":
            _dress_content(layout)
    return made


def _theme(master: Any) -> None:
    """Give the theme our colours, and fonts that have Chinese in them."""
    part = next(rel.target_part for rel in master.part.rels.values() if "theme" in rel.reltype)
    text = part.blob.decode("utf-8")
    colours = "".join(
        f'<a:{name}><a:srgbClr val="{colour}"/></a:{name}>' for name, colour in _COLOURS.items()
    )
    text = re.sub(
        r"<a:clrScheme .*?</a:clrScheme>",
        f'<a:clrScheme name="sanshi">{colours}</a:clrScheme>',
        text,
        flags=re.DOTALL,
    )
    faces = (
        f'<a:latin typeface="{_LATIN}"/><a:ea typeface="{_FACE}"/><a:cs typeface="{_LATIN}"/>'
        f'<a:font script="Hans" typeface="{_FACE}"/>'
    )
    fonts = "".join(f"<a:{kind}Font>{faces}</a:{kind}Font>" for kind in ("major", "minor"))
    text = re.sub(
        r"<a:fontScheme .*?</a:fontScheme>",
        f'<a:fontScheme name="sanshi">{fonts}</a:fontScheme>',
        text,
        flags=re.DOTALL,
    )
    part._blob = text.encode("utf-8")


def _widened(layout: Any, scale: float) -> None:
    # The stock layouts are 4 to 3, and as high as ours.
    for place in layout._element.iter(
        "{http://schemas.openxmlformats.org/drawingml/2006/main}xfrm"
    ):
        for edge, name in ((place.off, "x"), (place.ext, "cx")):
            if edge is not None:
                edge.set(name, str(round(int(edge.get(name)) * scale)))


def _dress_master(master: Any) -> None:
    tree = master.shapes._spTree
    for shape in list(master.placeholders):
        tree.remove(shape._element)
    parts = [
        _placeholder(2, "Title", 'type="title"', _PLACES["title"], "ctr", "标题 Title"),
        _placeholder(3, "Text", 'type="body" idx="1"', _PLACES["body"], "t", "正文 Text"),
        _placeholder(5, "Footer", 'type="ftr" sz="quarter" idx="3"', _PLACES["notice"], "ctr", ""),
        _placeholder(
            6, "Number", 'type="sldNum" sz="quarter" idx="4"', _PLACES["number"], "ctr", "#"
        ),
    ]
    for part in parts:
        tree.append(part)
    styles = master._element.find(f"{{{_P}}}txStyles")
    master._element.replace(styles, parse_xml(_TEXT_STYLES))


def _dress_content(layout: Any) -> None:
    tree = _emptied(layout)
    tree.append(_placeholder(2, "Title", 'type="title"', None, "", ""))
    tree.append(_placeholder(3, "Content", 'idx="1"', None, "", ""))
    tree.append(
        _placeholder(4, "Above", f'type="body" sz="quarter" idx="{ABOVE}"', _PLACES["above"], "ctr", "",
                     _level(13, _RED))
    )  # fmt: skip
    tree.append(_foot(5, "ftr", NOTICE, _level(12, AMBER, "ctr")))
    tree.append(_foot(6, "sldNum", NUMBER, _level(12, _SOFT, "r")))
    tree.append(_label(7, REPORT, Area(612, 12, 300, 22)))
    tree.append(_bar(8, Area(48, 36, 864, 1.5)))


def _dress_cover(layout: Any) -> None:
    tree = _emptied(layout)
    for part in (
        _placeholder(2, "Title", 'type="ctrTitle"', _COVER_PLACES["title"], "b", "",
                     _level(40, _INK, "ctr", bold=True)),
        _placeholder(3, "Subtitle", 'type="subTitle" idx="1"', _COVER_PLACES["body"], "t", "",
                     _level(20, _INK, "ctr")),
        _placeholder(4, "Above", f'type="body" sz="quarter" idx="{ABOVE}"', _COVER_PLACES["above"], "ctr",
                     "", _level(16, _RED, "ctr")),
        _foot(5, "ftr", NOTICE, _level(12, AMBER, "ctr")),
        _foot(6, "sldNum", NUMBER, _level(12, _SOFT, "r")),
        _bar(8, _COVER_RULE),
    ):  # fmt: skip
        tree.append(part)


def _emptied(layout: Any) -> Any:
    tree = layout.shapes._spTree
    for shape in list(layout.shapes):
        tree.remove(shape._element)
    return tree


def _place(area: Area | None) -> str:
    if area is None:
        return ""
    left, top, width, height = (Pt(n) for n in (area.left, area.top, area.width, area.height))
    return (
        f'<a:xfrm><a:off x="{left}" y="{top}"/><a:ext cx="{width}" cy="{height}"/></a:xfrm>'
        '<a:prstGeom prst="rect"><a:avLst/></a:prstGeom>'
    )


def _level(size: int, colour: str, align: str = "l", *, bold: bool = False) -> str:
    weight = ' b="1"' if bold else ""
    return (
        f'<a:lvl1pPr marL="0" indent="0" algn="{align}"><a:buNone/>'
        f'<a:defRPr sz="{size * 100}"{weight}><a:solidFill><a:srgbClr val="{colour}"/></a:solidFill>'
        "</a:defRPr></a:lvl1pPr>"
    )


def _placeholder(
    number: int, name: str, role: str, area: Area | None, anchor: str, prompt: str, style: str = ""
) -> Any:
    at = f' anchor="{anchor}"' if anchor else ""
    insets = ' lIns="0" tIns="0" rIns="0" bIns="0" wrap="square"' if anchor else ""
    return parse_xml(
        f'<p:sp {_NAMES}><p:nvSpPr><p:cNvPr id="{number}" name="{name} {number - 1}"/>'
        f'<p:cNvSpPr><a:spLocks noGrp="1"/></p:cNvSpPr><p:nvPr><p:ph {role}/></p:nvPr></p:nvSpPr>'
        f"<p:spPr>{_place(area)}</p:spPr><p:txBody><a:bodyPr{insets}{at}>"
        f"{'<a:noAutofit/>' if anchor else ''}</a:bodyPr><a:lstStyle>{style}</a:lstStyle>"
        f"<a:p>{_prompt(prompt)}</a:p></p:txBody></p:sp>"
    )


def _prompt(text: str) -> str:
    if text == "#":
        return '<a:fld id="{C1FF6DA9-008F-8B48-92A6-B652298478BF}" type="slidenum"><a:t>#</a:t></a:fld>'
    return f"<a:r><a:t>{text}</a:t></a:r>" if text else ""


def _foot(number: int, kind: str, index: int, style: str) -> Any:
    role = f'type="{kind}" sz="quarter" idx="{index}"'
    area = _PLACES["notice" if kind == "ftr" else "number"]
    return _placeholder(number, kind, role, area, "ctr", "#" if kind == "sldNum" else "", style)


def _label(number: int, name: str, area: Area) -> Any:
    return parse_xml(
        f'<p:sp {_NAMES}><p:nvSpPr><p:cNvPr id="{number}" name="{name}"/><p:cNvSpPr txBox="1"/><p:nvPr/>'
        f"</p:nvSpPr><p:spPr>{_place(area)}<a:noFill/></p:spPr><p:txBody>"
        '<a:bodyPr lIns="0" tIns="0" rIns="0" bIns="0" wrap="square" anchor="ctr"><a:noAutofit/></a:bodyPr>'
        f'<a:lstStyle/><a:p><a:pPr algn="r"/><a:r><a:rPr sz="1200"><a:solidFill><a:srgbClr val="{_SOFT}"/>'
        f"</a:solidFill></a:rPr><a:t>-</a:t></a:r></a:p></p:txBody></p:sp>"
    )


def _bar(number: int, area: Area) -> Any:
    return parse_xml(
        f'<p:sp {_NAMES}><p:nvSpPr><p:cNvPr id="{number}" name="Rule {number}"/><p:cNvSpPr/><p:nvPr/>'
        f"</p:nvSpPr><p:spPr>{_place(area)}"
        '<a:solidFill><a:schemeClr val="accent1"/></a:solidFill><a:ln><a:noFill/></a:ln></p:spPr></p:sp>'
    )


def _run(size: int, *, bold: bool = False, family: str = "mn") -> str:
    weight = ' b="1"' if bold else ""
    return (
        f'<a:defRPr sz="{size * 100}"{weight} kern="1200"><a:solidFill><a:schemeClr val="tx1"/></a:solidFill>'
        f'<a:latin typeface="+{family}-lt"/><a:ea typeface="+{family}-ea"/><a:cs typeface="+{family}-cs"/>'
        "</a:defRPr>"
    )


def _levels(run: str) -> str:
    return "".join(
        f'<a:lvl{n}pPr marL="{Pt(27 * n)}" indent="-{Pt(27)}" algn="l" rtl="0" eaLnBrk="1" latinLnBrk="0" '
        f'hangingPunct="1"><a:buFont typeface="Arial"/><a:buChar char="•"/>{run}</a:lvl{n}pPr>'
        for n in range(1, 6)
    )


_TEXT_STYLES = (
    f"<p:txStyles {_NAMES}><p:titleStyle>"
    '<a:lvl1pPr algn="l" rtl="0" eaLnBrk="1" latinLnBrk="0" hangingPunct="1"><a:lnSpc><a:spcPct val="100000"/>'
    f"</a:lnSpc><a:buNone/>{_run(28, bold=True, family='mj')}</a:lvl1pPr></p:titleStyle>"
    f"<p:bodyStyle>{_levels(_run(22))}</p:bodyStyle>"
    f"<p:otherStyle><a:lvl1pPr>{_run(18)}</a:lvl1pPr></p:otherStyle></p:txStyles>"
)


if __name__ == "__main__":
    for path, data in made().items():
        path.write_bytes(data)
