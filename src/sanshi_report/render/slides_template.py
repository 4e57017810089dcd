"""The slides' template: page, theme, master and layouts, made in code."""

from __future__ import annotations

import re
from html import escape
from typing import Any

from pptx import Presentation
from pptx.oxml import parse_xml
from pptx.oxml.ns import nsdecls
from pptx.util import Pt

from sanshi_report.render.deck import AREA, PAGE, Area
from sanshi_report.render.document import Document

__all__ = ["ABOVE", "AMBER", "COVER", "NOTICE", "NUMBER", "template"]

# What every office machine has, whatever free fonts the PDF is set in.
_FACE, _LATIN = "微软雅黑", "Arial"

COVER = "Title Slide"
"""Name of the first slide's layout."""

ABOVE, NOTICE, NUMBER = 13, 11, 12
"""Placeholders of every slide: the headings it stands under, the notice, its number."""

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
_RED, _INK, _SOFT, AMBER = "C4161C", "1A1A1A", "57606A", "8A5A00"
_COLOURS = {
    "dk1": _INK, "lt1": "FFFFFF", "dk2": _SOFT, "lt2": "F2F2F2", "accent1": _RED, "accent2": "1F5A94",
    "accent3": "B45309", "accent4": "57606A", "accent5": "8FA3B5", "accent6": "C9CED4",
    "hlink": "0B4F9E", "folHlink": "57606A",
}  # fmt: skip


def template(document: Document) -> Any:
    """Return an empty presentation with every layout a report's slides use."""
    made = Presentation()
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
    _dress_master(master, document)
    for layout in master.slide_layouts:
        if layout.name == COVER:
            _dress_cover(layout)
        elif layout.name == "Title and Content":
            _dress_content(layout, document)
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


def _dress_master(master: Any, document: Document) -> None:
    tree = master.shapes._spTree
    for shape in list(master.placeholders):
        tree.remove(shape._element)
    zh = document.language == "zh"
    parts = [
        _placeholder(
            2, "Title", 'type="title"', _PLACES["title"], "ctr", "标题" if zh else "Title"
        ),
        _placeholder(
            3, "Text", 'type="body" idx="1"', _PLACES["body"], "t", "正文" if zh else "Text"
        ),
        _placeholder(5, "Footer", 'type="ftr" sz="quarter" idx="3"', _PLACES["notice"], "ctr", ""),
        _placeholder(
            6, "Number", 'type="sldNum" sz="quarter" idx="4"', _PLACES["number"], "ctr", "#"
        ),
    ]
    for part in parts:
        tree.append(part)
    styles = master._element.find(f"{{{_P}}}txStyles")
    master._element.replace(styles, parse_xml(_TEXT_STYLES))


def _dress_content(layout: Any, document: Document) -> None:
    tree = _emptied(layout)
    tree.append(_placeholder(2, "Title", 'type="title"', None, "", ""))
    tree.append(_placeholder(3, "Content", 'idx="1"', None, "", ""))
    tree.append(
        _placeholder(4, "Above", f'type="body" sz="quarter" idx="{ABOVE}"', _PLACES["above"], "ctr", "",
                     _level(13, _RED))
    )  # fmt: skip
    tree.append(_foot(5, "ftr", NOTICE, _level(12, AMBER, "ctr")))
    tree.append(_foot(6, "sldNum", NUMBER, _level(12, _SOFT, "r")))
    tree.append(_label(7, "Report", Area(612, 12, 300, 22), document.full_title))
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


_P = "http://schemas.openxmlformats.org/presentationml/2006/main"
_NAMES = nsdecls("a", "p", "r")


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


def _label(number: int, name: str, area: Area, text: str) -> Any:
    return parse_xml(
        f'<p:sp {_NAMES}><p:nvSpPr><p:cNvPr id="{number}" name="{name}"/><p:cNvSpPr txBox="1"/><p:nvPr/>'
        f"</p:nvSpPr><p:spPr>{_place(area)}<a:noFill/></p:spPr><p:txBody>"
        '<a:bodyPr lIns="0" tIns="0" rIns="0" bIns="0" wrap="square" anchor="ctr"><a:noAutofit/></a:bodyPr>'
        f'<a:lstStyle/><a:p><a:pPr algn="r"/><a:r><a:rPr sz="1200"><a:solidFill><a:srgbClr val="{_SOFT}"/>'
        f"</a:solidFill></a:rPr><a:t>{escape(text, quote=False)}</a:t></a:r></a:p></p:txBody></p:sp>"
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
