"""What a renderer is given, and what it promises."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

from sanshi_report.catalogue import Language

if TYPE_CHECKING:
    from sanshi_report.blocks import Address

__all__ = [
    "FORMATS",
    "QUARTO_ONLY",
    "SLIDES",
    "DataFile",
    "Document",
    "Fonts",
    "Format",
    "Indicator",
    "Layout",
    "Renderer",
    "Sources",
    "file_of",
]

Format = Literal["html", "pdf", "docx", "pptx", "revealjs"]
Layout = Literal["gbt9704", "landscape", "plain"]
FORMATS: tuple[Format, ...] = ("html", "pdf", "docx", "pptx", "revealjs")
SLIDES: tuple[Format, ...] = ("pptx", "revealjs")
"""Those that are slides, which only a report for a meeting is made into."""
QUARTO_ONLY: tuple[Format, ...] = ("revealjs",)
"""Those that Quarto alone can make."""
_ENDINGS: dict[Format, str] = {"revealjs": "slides.html"}


def file_of(name: str, format: Format) -> str:
    """Return the name of the file a document is written to as a format."""
    return f"{name}.{_ENDINGS.get(format, format)}"


@dataclass(frozen=True)
class Fonts:
    """The two families a document is set in, by the role they play in official layout.

    Attributes
    ----------
    body : str
        Family of running text (仿宋's role).
    heading : str
        Family of headings and emphasis (黑体's role).
    folders : tuple[Path, ...]
        Folders searched besides the fonts that come with the package's dependencies.
    """

    body: str = "Noto Serif SC"
    heading: str = "Noto Sans SC"
    folders: tuple[Path, ...] = ()


@dataclass(frozen=True)
class Indicator:
    """An indicator that a report states.

    Attributes
    ----------
    code, label, unit, formula : str
        As in the catalogue of indicators.
    reads : tuple of str
        Files of the release with the rows it is worked out from.
    rows : tuple of (str, str, str, str)
        For each scope that the report states, its name, and target, actual and gap, exactly; empty for none.
    """

    code: str
    label: str
    unit: str
    formula: str
    reads: tuple[str, ...]
    rows: tuple[tuple[str, str, str, str], ...]


@dataclass(frozen=True)
class StatedCell:
    """A number of some data that a text states: where it is in a page, its row, column and value."""

    anchor: str
    row: str
    column: str
    value: str


@dataclass(frozen=True)
class DataFile:
    """The data of a table, figure or piece of prose: its label, and its rows as CSV.

    Attributes
    ----------
    cells : tuple of StatedCell
        What a text states of it, where the page shows it nowhere else.
    """

    label: str
    text: str
    cells: tuple[StatedCell, ...] = ()


@dataclass(frozen=True)
class Sources:
    """Where the numbers of a report come from.

    Attributes
    ----------
    indicators : tuple of Indicator
        Those that its prose states.
    data : tuple of DataFile
        What its tables and figures show and its prose was written from.
    trail : str
        Every number of its prose with its place, as CSV.
    submissions : tuple of (str, str)
        Path and SHA-256 of every file that was received or decided on.
    places : mapping of Address to (str, str)
        For each value that is said with its address: identifier in the page, and in words, of where it stands.
    """

    indicators: tuple[Indicator, ...]
    data: tuple[DataFile, ...]
    trail: str
    submissions: tuple[tuple[str, str], ...]
    places: Mapping[Address, tuple[str, str]] = field(default_factory=dict)

    def data_of(self, label: str) -> DataFile | None:
        """Return the data of a table or figure, or None."""
        return next((one for one in self.data if one.label == label), None)


@dataclass(frozen=True)
class Document:
    """An executed notebook and everything printed around its outputs.

    Attributes
    ----------
    notebook : Path
        The executed notebook, nbformat 4.
    title, subtitle, issuer, issue, date_line : str
        The masthead: what it is, who issues it, its number and its day. Empty ones are left out.
    language : {"zh", "en"}
        Language of the renderer's own words and of the document.
    layout : {"gbt9704", "landscape", "plain"}
        Official document, wide pages for a meeting, or an unadorned A4 page.
    notice : str
        Shown on every page, such as that the data is a sample; empty for none.
    timestamp : datetime
        The document's day in file metadata, so that bytes depend on no clock. Needs an offset.
    fonts : Fonts
        Families and font folders.
    ribbon : str
        A banner above everything, for a revised or superseded edition; empty for none.
    sources : Sources or None
        Where its numbers come from, for the formats that can be followed; None for a working copy.
    """

    notebook: Path
    title: str
    subtitle: str
    issuer: str
    issue: str
    date_line: str
    language: Language
    layout: Layout
    notice: str
    timestamp: datetime
    fonts: Fonts = field(default_factory=Fonts)
    ribbon: str = ""
    sources: Sources | None = None

    @property
    def full_title(self) -> str:
        """The title with what sets it apart from the report's others: `一项目一档 · H05 示例 · 2024年6月`."""
        return " · ".join(filter(None, (self.title, self.subtitle)))


class Renderer(Protocol):
    """Turns an executed notebook into one file."""

    @property
    def name(self) -> str:
        """Return the renderer's name, for the manifest."""

    @property
    def version(self) -> str:
        """Return what must be the same for the bytes to be the same."""

    def render(self, document: Document, format: Format, target: Path) -> None:
        """Write `document` as `format` to `target`, and nothing else.

        The file appears whole or not at all.

        Raises
        ------
        RenderError
            If the notebook cannot be published, or a character has no glyph in the fonts.
        """
