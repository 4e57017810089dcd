"""What the workbook reader leaves out: error values, formulas without a result, number formats, marks, texts.

calamine gives a blank for `#REF!` and for a formula that was never calculated, and 0.45 for a cell that shows
45 %. Read on, a blank would mean "not reported" and 0.45 something else than the sender saw. So the parts of
a file that tell are looked at here, whatever its format, before calamine is trusted with it.
"""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from xml.etree.ElementTree import Element
from zipfile import ZipFile

from sanshi_report.intake.binary import comments_of_xlsb, look_into_xls, look_into_xlsb
from sanshi_report.intake.cells import Unreadable
from sanshi_report.intake.formats import BUILT_IN, is_always_plain
from sanshi_report.intake.opendocument import look_into_ods
from sanshi_report.intake.seen import Look, Unseen, in_format
from sanshi_report.intake.sheetxml import Texts, rich_texts, sheet_of
from sanshi_report.intake.xmls import local, text_of, tree_of

__all__ = ["Looking", "look_into_archive", "look_into_xls"]

_WHITE = "FFFFFF"
_SHADE = -0.05
_TINY = 4.0

Looking = Callable[[str, int], Unseen]
"""Tells what one worksheet holds, by its name and its 0-based number among the worksheets."""


class Package:
    """The parts of an Office archive, by lower-case path from the folder of its workbook part."""

    def __init__(self, archive: ZipFile, workbook: str) -> None:
        self.archive = archive
        self.base = workbook.rpartition("/")[0]
        self.parts = {_slashed(name): name for name in archive.namelist()}

    def read(self, path: str) -> bytes:
        return self.archive.read(self.parts[self.path(path)])

    def xml(self, path: str) -> Element:
        return tree_of(self.read(path))

    def has(self, path: str) -> bool:
        return self.path(path) in self.parts

    def path(self, path: str) -> str:
        """Return the path of a part from the top of the archive."""
        path = path[1:] if path.startswith("/") else posixpath.join(self.base, path)
        return posixpath.normpath(_slashed(path))

    def related(self, part: str) -> list[tuple[str, str, str]]:
        """Return (id, kind, path from the top) of every part that a part refers to."""
        folder, _, name = self.path(part).rpartition("/")
        relations = f"/{folder}/_rels/{name}.rels"
        if not self.has(relations):
            return []
        found = []
        for node in self.xml(relations):
            target = node.get("Target") or ""
            if node.get("TargetMode") != "External":
                whole = target if target.startswith("/") else f"/{folder}/{target}"
                kind = (node.get("Type") or "").rpartition("/")[2]
                found.append((node.get("Id") or "", kind, whole))
        return found

    def targets(self, workbook: str) -> dict[str, str]:
        """Return the path of each part the workbook refers to, by its reference.

        Raises
        ------
        Unreadable
            If a reference occurs twice, or leads away from where calamine looks for styles and texts.
        """
        found: dict[str, str] = {}
        for by, kind, path in self.related(workbook):
            if by in found:
                raise Unreadable("file_repeats", what=by[:60])
            usual = f"{kind}.{workbook.rpartition('.')[2]}"
            if kind in {"styles", "sharedStrings"} and self.path(path) != self.path(usual):
                raise Unreadable("file_damaged")
            found[by] = path
        return found


def _slashed(name: str) -> str:
    return name.replace("\\", "/").casefold()


def look_into_archive(archive: ZipFile) -> Looking:
    """Return what tells the unseen of a sheet of an xlsx, xlsm, xlsb or ods by its name and number.

    Raises
    ------
    Unreadable
        If the archive is none of these, or encrypted, or holds a part twice.
    """
    names = list(map(_slashed, archive.namelist()))
    for name, count in Counter(names).items():
        if count > 1:
            raise Unreadable("file_repeats", what=name[-60:])
    for name in names:
        folder, _, part = name.rpartition("/")
        if part in {"workbook.xml", "workbook.bin"} and folder in {"", "xl"}:
            package = Package(archive, name)
            if part == "workbook.xml":
                return _look_into_xlsx(package)
            return look_into_xlsb(package.read, package.targets(part), partial(asides_of, package))
    if "content.xml" in archive.namelist():
        return look_into_ods(archive)
    raise Unreadable("file_damaged")


def _look_into_xlsx(package: Package) -> Looking:
    texts = Texts()
    if package.has("sharedStrings.xml"):
        strings = package.read("sharedStrings.xml")
        stated = re.search(rb'\suniqueCount="(\d+)"', strings[:4096])
        if stated and int(stated[1]) > len(strings):  # calamine sets aside what is stated
            raise Unreadable("file_damaged")
        texts = rich_texts(strings)
    styles, conditions = _styles(package), _conditions(package)
    targets = package.targets("workbook.xml")
    parts: dict[str, str] = {}
    for node in package.xml("workbook.xml").iter("sheet"):
        by = next((v for k, v in node.attrib.items() if k.endswith(":id")), "")
        name = node.get("name", "")
        if name in parts:
            raise Unreadable("file_repeats", what=name[:60])
        parts[name] = targets.get(by, "")

    # A sheet that is a chart holds no table, but its title may speak of those that do.
    charts = [
        one for part in parts.values() if "chartsheets/" in part for one in asides_of(package, part)
    ]

    def look(name: str, _: int) -> Unseen:
        sheet = sheet_of(package.read(parts[name]), styles, texts, conditions)
        sheet.asides += asides_of(package, parts[name]) + charts
        return sheet

    return look


def _styles(package: Package) -> list[Look]:
    """Return what each cell style does, by number."""
    if not package.has("styles.xml"):
        return []
    tree = package.xml("styles.xml")
    formats = dict(BUILT_IN)
    for node in tree.iter("numFmt"):
        formats[int(node.get("numFmtId", -1))] = node.get("formatCode", "")
    fonts = [_font(node) for node in next(tree.iter("fonts"), ())]
    grounds = [_ground(node) for node in next(tree.iter("fills"), ())]
    styles = []
    for xf in next(tree.iter("cellXfs"), ()):
        number, font = int(xf.get("numFmtId") or 0), int(xf.get("fontId") or 0)
        look, ink = fonts[font] if 0 <= font < len(fonts) else (Look(), "")
        fill = int(xf.get("fillId") or 0)
        if ink and ink == (grounds[fill] if 0 <= fill < len(grounds) else _WHITE):
            look = replace(look, faint=True)
        styles.append(in_format(look, formats.get(number, f"[{number}]")))
    return styles


def _conditions(package: Package) -> set[str]:
    """Return the formats of conditions, by number, that hide a value, strike it out or show another."""
    if not package.has("styles.xml"):
        return set()
    found = set()
    for number, node in enumerate(next(package.xml("styles.xml").iter("dxfs"), ())):
        look, ink = next(map(_font, node.iter("font")), (Look(), ""))
        ground = next(map(_ground, node.iter("fill")), _WHITE)
        code = next((one.get("formatCode", "") for one in node.iter("numFmt")), "General")
        if look.struck or look.faint or (ink and ink == ground) or not is_always_plain(code):
            found.add(str(number))
    return found


def _font(node: Element) -> tuple[Look, str]:
    """Return what a font does, and its colour; '' where that is the usual one."""
    struck, marks, ink, tiny = False, frozenset[str](), "", False
    for one in node:
        if one.tag == "strike":
            struck = one.get("val", "1") not in {"0", "false"}
        elif one.tag == "vertAlign":
            known = {"superscript": "raised", "subscript": "lowered"}
            marks = frozenset(filter(None, [known.get(one.get("val", ""))]))
        elif one.tag == "color":
            ink = _colour(one)
        elif one.tag == "sz":
            tiny = float(one.get("val") or 11) < _TINY
    return Look("", marks, struck, faint=tiny), ink


def _ground(node: Element) -> str:
    """Return the colour of a fill."""
    for one in node.iter("patternFill"):
        # A conditional format names its colour otherwise than a cell's style.
        where = {"solid": "fgColor", None: "bgColor"}.get(one.get("patternType"), "")
        for colour in one.iter(where) if where else ():
            return _colour(colour)
    return _WHITE


def _colour(node: Element) -> str:
    """Return a colour as six digits; one of a theme but its white by its number and shade."""
    if node.get("indexed") in {"1", "9"}:
        return _WHITE
    if theme := node.get("theme"):
        shade = float(node.get("tint") or 0)
        return _WHITE if theme == "0" and shade > _SHADE else f"{theme} {shade}"
    return (node.get("rgb") or "")[-6:].upper()


# Texts that are no cell's value ---------------------------------------------------------------------


def asides_of(package: Package, sheet: str) -> list[tuple[str, str]]:
    """Return the comments of a sheet and the texts of its drawings, each with where it stands."""
    found: list[tuple[str, str]] = []
    for _, kind, path in package.related(sheet):
        if not package.has(path):
            continue
        if kind == "threadedComment":
            for node in package.xml(path).iter("threadedComment"):
                found.append((f"批注 {node.get('ref', '')}", text_of(node, "text")))
        elif kind == "comments" and path.endswith(".xml"):
            for node in package.xml(path).iter("comment"):
                found.append((f"批注 {node.get('ref', '')}", text_of(node, "t")))
        elif kind == "comments":
            found += comments_of_xlsb(package.read(path))
        elif kind == "drawing":
            for shape in package.xml(path).iter():
                if local(shape.tag) == "txBody":
                    found.append(("文本框", text_of(shape, "t")))
            for _, also, part in package.related(path):
                if also in {"chart", "chartEx"} and package.has(part):
                    titles = package.xml(part).iter("title")
                    found += [("图表标题", text_of(title, "t", "v")) for title in titles]
        elif kind == "vmlDrawing":
            found += [("文本框", text) for text in _vml_texts(package.read(path))]
    return [(where, text.strip()) for where, text in dict.fromkeys(found) if text.strip()]


def _vml_texts(vml: bytes) -> list[str]:
    """Return the texts of old drawings, which are not always well-formed XML; comments stand elsewhere."""
    text = vml.decode("utf-8", "replace")
    boxes = re.findall(r"<(?:\w+:)?textbox\b[^>]*>(.*?)</(?:\w+:)?textbox>", text, re.DOTALL)
    return [re.sub(r"<[^>]*>|&[a-z]+;", " ", box).strip() for box in boxes]
