"""The words of a report: one Jinja2 document a language, of which a block becomes paragraphs of runs.

The documents are Markdown as far as reports need it: headings, paragraphs, `**strong**`, numbered items (`#.`). An
empty line parts paragraphs; other line ends are layout. No number may be typed: numbers are values.
"""

from __future__ import annotations

import re
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

from jinja2 import (
    BaseLoader,
    Environment,
    StrictUndefined,
    Template,
    TemplateNotFound,
    TemplateSyntaxError,
    Undefined,
    nodes,
)
from jinja2.ext import Extension
from jinja2.nativetypes import NativeCodeGenerator
from jinja2.sandbox import ImmutableSandboxedEnvironment

from sanshi_report import style
from sanshi_report.blocks import Paragraph, Run, Text, plain
from sanshi_report.catalogue import say
from sanshi_report.words import choosing
from sanshi_report.words.values import Value, is_missing
from sanshi_report.words.voice import Voice

__all__ = ["Words", "WordsError"]

_FOLDER = Path(__file__).parent
_BREAK = "\N{PARAGRAPH SEPARATOR}"
_TAG = re.compile(r"\{[{%#].*?[}%#]\}", re.DOTALL)
_STRONG = "**"
_UNCOUNTED = " {-}"
_FORMS = (
    "size", "rounded", "signed", "month", "year", "dated", "day", "short", "bare", "hundredths", "one",
    "whole", "plain", "term", "terms", "table", "signed_bare",
)  # fmt: skip


class WordsError(Exception):
    """A document says something that it cannot, such as a number without an address."""


class Words:
    """The words of one report in one language.

    Parameters
    ----------
    report : str
        Name of the documents, `monthly_bulletin`.
    voice : Voice
    given : mapping
        What every block may speak of, besides the frames it is given.
    """

    def __init__(self, report: str, voice: Voice, given: Mapping[str, Any]) -> None:
        self.report, self.voice, self.given = report, voice, dict(given)
        environment = _Environment(
            loader=_Documents(voice.parameters.local),
            undefined=StrictUndefined,
            extensions=[_Breaks],
            finalize=self._printed,
        )
        environment.filters.update(choosing.FILTERS)
        environment.filters.update({form: self._saying(form) for form in _FORMS})
        environment.filters.update(
            first=lambda rows: choosing.end(rows, 0),
            last=lambda rows: choosing.end(rows, -1),
            n=self._with_noun,
            agree=lambda value, one, many: one if value == 1 else many,
            capitalised=_capitalised,
        )
        environment.tests["missing"] = lambda value: is_missing(value.raw)
        environment.tests["even"] = lambda value: self.voice.text(value, "rounded") == "0.0"
        environment.tests["level"] = lambda value: self.voice.text(value, "size") == "0.00"
        environment.globals["listed"] = self._listed
        environment.globals["light"] = self._light
        environment.globals["named"] = self._named
        self.environment = environment

    def block(self, name: str, **given: Any) -> list[Paragraph]:
        """Return the paragraphs of a block; one that says nothing is left out.

        Raises
        ------
        LookupError
            If there is no such block.
        WordsError
            If it cannot be said; the line is named.
        """
        template = self._document(self.report)
        if name not in template.blocks:
            raise LookupError(f"{template.name} has no block {name!r}")
        context = template.new_context({**self.given, **self._shared, **given})
        try:
            text = _Environment.concat(template.blocks[name](context))
        except Exception as error:
            at = f"{_named(template.filename)}:{_line(error, template)}"
            raise WordsError(f"{at}, block {name}: {error}") from None
        told = [_set(part, self.voice.language) for part in _paragraphs(text)]
        return list(_numbered(part for part in told if plain(part)))

    def _document(self, name: str) -> Template:
        """Return a document, or say what is wrong with it, and where."""
        file = f"{name}.{self.voice.language}.md"
        try:
            return self.environment.get_template(file)
        except TemplateNotFound:
            raise WordsError(
                f"there is no document {file}, in words/ or notebooks/local/"
            ) from None
        except TemplateSyntaxError as error:
            raise WordsError(f"{_named(error.filename)}:{error.lineno}: {error.message}") from None

    @cached_property
    def _shared(self) -> Mapping[str, Any]:
        """What `shared` says of all reports' common matters: macros, which blocks would not see by themselves."""
        module = vars(self._document("shared").make_module(self.given))
        return {name: macro for name, macro in module.items() if not name.startswith("_")}

    def _printed(self, value: Any) -> Any:
        """Return what an expression gives as runs; a number or text without an address is refused."""
        match value:
            case Value():
                return self.voice.run(value)
            case Run() | tuple():
                return value
            case str() if not re.search(r"\d", value):
                return Run(value)
            case Undefined():
                str(value)  # raises, and says which name is unknown
        raise TypeError(
            f"{value!r} has no address: only values of frames and parameters are printed"
        )

    def _saying(self, form: str) -> Callable[[Value], Run]:
        return lambda value: self.voice.run(value, form)

    def _light(self, code: Any) -> Run:
        code = code.raw if isinstance(code, Value) else code
        return Run(style.light_word(code, self.voice.language), light=code)

    def _named(self, entry: str, code: Value) -> Run:
        """Return what the catalogue calls a code: of `bulletin.status` and `done`, its `status_done`."""
        return Run(say(f"{entry}_{code.raw}", self.voice.language))

    def _with_noun(self, value: Value, one: str, many: str) -> Text:
        """`1 project`, `2 projects`, `no projects`."""
        number = self.voice.run(value, "" if value else "none")
        return number, Run(f" {one if value == 1 else many}")

    def _listed(self, rows: Iterable[Any], mark: str = "", caller: Any = None) -> Text:
        """Say something of every row and join: 甲、乙、丙; A, B and C; or with a mark between."""
        items = [_set(caller(row), self.voice.language) for row in rows]
        comma, final = ("、", "、") if self.voice.language == "zh" else (", ", " and ")
        parts: list[Run] = []
        for at, item in enumerate(items):
            if at:
                is_last = at == len(items) - 1
                parts.append(Run(mark or (final if is_last else comma)))
            parts.extend(item)
        return tuple(parts)


def _line(error: Exception, template: Template) -> int:
    """Return the line of a document that an error comes from."""
    steps = traceback.walk_tb(error.__traceback__)
    lines = [at for frame, at in steps if frame.f_code.co_filename == template.filename]
    return template.get_corresponding_lineno(lines[-1]) if lines else 1


class _Breaks(Extension):
    """Marks what parts paragraphs before the template is read: an empty line, and a heading on its line."""

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        lines = []
        for line in source.split("\n"):
            is_heading = re.match(r"#+ ", line)
            heads = (
                f"{_BREAK}{line}{_BREAK}"
                if is_heading
                else f"{_BREAK}{line}"
                if line.startswith("#. ")
                else line
            )
            lines.append(heads if line.strip() else _BREAK)
        return "\n".join(lines)


class _CodeGenerator(NativeCodeGenerator):
    """Leaves every expression to `finalize`, a constant one too, and makes no text of it."""

    def _output_child_to_const(self, node: nodes.Expr, frame: Any, finalize: Any) -> Any:
        if not isinstance(node, nodes.TemplateData):
            raise nodes.Impossible
        return node.as_const(frame.eval_ctx)


def _joined(parts: Iterable[Any]) -> Text:
    """Return the runs of words, runs and texts."""
    found: list[Run] = []
    for part in parts:
        found.extend(
            part if isinstance(part, tuple) else (part if isinstance(part, Run) else Run(part),)
        )
    return tuple(found)


class _Environment(ImmutableSandboxedEnvironment):
    code_generator_class = _CodeGenerator
    concat = staticmethod(_joined)  # type: ignore[assignment]


class _Documents(BaseLoader):
    """The office's own documents, then those beside this module; one with a number typed in is refused."""

    def __init__(self, local: Path | None) -> None:
        self._folders = [folder for folder in (local, _FOLDER) if folder]

    def get_source(
        self, environment: Environment, template: str
    ) -> tuple[str, str, Callable[[], bool]]:
        found = (folder / template for folder in self._folders)
        path = next((file for file in found if file.is_file()), None)
        if path is None:
            raise TemplateNotFound(template)
        text = path.read_text(encoding="utf-8")
        bare = _TAG.sub(lambda tag: "\n" * tag[0].count("\n"), text)
        for at, line in enumerate(bare.split("\n"), 1):
            if re.search(r"\d", line):
                raise ValueError(f"{_named(path)}:{at}: a number is typed in: {line.strip()}")
        return text, str(path), lambda: True


def _named(path: str | Path | None) -> str:
    """Return a document as a message names it: `words/monthly_bulletin.zh.md`, `local/county_brief.zh.md`."""
    return "/".join(Path(path or "").parts[-2:])


def _paragraphs(text: Text) -> Iterator[Text]:
    part: list[Run] = []
    for run in text:
        first, *more = run.text.split(_BREAK) if run.at is None else [run.text]
        part.append(replace(run, text=first))
        for piece in more:
            yield tuple(part)
            part = [replace(run, text=piece)]
    yield tuple(part)


def _set(text: Text, language: str) -> Text:
    """Return a text without its layout: on one line, no space at its ends, strong where it is marked so."""
    runs: list[Run] = []
    for run in _marked(text):
        if run.at is None and not run.light:
            run = replace(run, text=_laid_out(run.text, language))
            # Words side by side are one run.
            if runs and runs[-1] == replace(run, text=runs[-1].text):
                run = replace(run, text=runs.pop().text + run.text)
        runs += [run] if run.text else []
    if language == "en":
        runs = [_closed_up(runs, at) for at in range(len(runs))]
    return _stripped(runs)


def _laid_out(text: str, language: str) -> str:
    return re.sub(r"\s*\n\s*", "", text) if language == "zh" else re.sub(r"\s+", " ", text)


def _closed_up(runs: list[Run], at: int) -> Run:
    """Return an English run without space before punctuation, and without a second space after a space."""
    run, before = runs[at], runs[at - 1].text if at else ""
    if run.at is not None or run.light:
        return run
    text = re.sub(r" +(?=[,.;:)])", "", run.text)
    return replace(
        run, text=re.sub(r" {2,}", " ", text.lstrip(" ") if before.endswith(" ") else text)
    )


def _stripped(runs: list[Run]) -> Text:
    for at, strip in ((0, str.lstrip), (-1, str.rstrip)):
        while runs and runs[at].at is None and not runs[at].light:
            runs[at] = replace(runs[at], text=strip(runs[at].text))
            if runs[at].text:
                break
            runs.pop(at)
    return tuple(runs)


def _marked(text: Text) -> Iterator[Run]:
    """Yield runs with the marks of strong words taken out and the words set strong."""
    strong = False
    for run in text:
        if run.at is not None or run.light:
            yield replace(run, strong=strong or run.strong)
            continue
        for at, part in enumerate(run.text.split(_STRONG)):
            strong ^= bool(at)
            if part:
                yield replace(run, text=part, strong=strong or run.strong)


def _numbered(texts: Iterable[Text]) -> Iterator[Paragraph]:
    number = 0
    for text in texts:
        first = text[0].text if text[0].at is None else ""
        if first.startswith("#. "):
            number += 1
            yield Paragraph((replace(text[0], text=first[3:]), *text[1:]), number=number)
            continue
        number = 0
        level = len(first) - len(first.lstrip("#"))
        if not level:
            yield Paragraph(text)
            continue
        runs = [replace(text[0], text=first[level:].lstrip()), *text[1:]]
        numbered = not runs[-1].text.endswith(_UNCOUNTED)
        runs[-1] = replace(runs[-1], text=runs[-1].text.removesuffix(_UNCOUNTED))
        yield Paragraph(tuple(run for run in runs if run.text), level, numbered=numbered)


def _capitalised(text: Any) -> Text:
    first, *rest = _joined([text])
    return replace(first, text=first.text[:1].upper() + first.text[1:]), *rest
