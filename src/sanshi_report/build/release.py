"""From received files to a release: plan, execute, check, render, place.

Everything is made in a staging folder, under a lock. Until the last step nothing that was published
is touched, and the last step is one rename.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast, get_args

from sanshi_report.build import manifest
from sanshi_report.build.calendar import Register, Subjects
from sanshi_report.build.documents import document, publish, write_data
from sanshi_report.build.editions import Edition
from sanshi_report.build.execute import execute
from sanshi_report.build.place import copy, keep_edited, keep_failed, place, staging, writing
from sanshi_report.build.plan import Plan, Request, Task, frame_file, frames_of, make_plan
from sanshi_report.catalogue import LANGUAGES, say
from sanshi_report.errors import BuildError, RenderError, ReportError, UsageError
from sanshi_report.kernels import Kernels
from sanshi_report.period import ReportPeriod
from sanshi_report.render import QUARTO_ONLY, Choice, Renderer, choose, file_of, tried
from sanshi_report.workspace import Workspace

if TYPE_CHECKING:
    from sanshi_report.build.sources import Trails

__all__ = ["Release", "build", "noting", "remake", "renderer_named"]

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Release:
    """What is published for a period.

    Attributes
    ----------
    folder : Path
        The period's folder.
    files : tuple of Path
        Every file of the release, the manifest last.
    renderer : str
        Which renderer made the documents, with its version.
    edition : int
        1, or more if a published release was revised.
    reports : tuple of mapping
        The entries of the manifest: name, report, what it is about, language and formats of each document.
    is_new : bool
        False if nothing had changed, so nothing was done.
    """

    folder: Path
    files: tuple[Path, ...]
    renderer: str
    edition: int
    reports: tuple[Mapping[str, Any], ...]
    is_new: bool


def build(
    workspace: Workspace,
    period: str | ReportPeriod | None,
    *,
    reports: Sequence[str] | None = None,
    weeks: Sequence[str] = (),
    officials: Sequence[str] = (),
    projects: Sequence[str] = (),
    formats: Sequence[str] | None = None,
    renderer: str = "auto",
    languages: Sequence[str] | None = None,
    as_of: str | datetime | None = None,
    force: bool = False,
    progress: Progress = lambda _: None,
    kernels: Callable[[Path], AbstractContextManager[Kernels]] | None = None,
) -> Release:
    """Make the reports of a period and publish them under `output/<period>/`.

    Parameters
    ----------
    reports, languages : sequence of str, optional
        Only these; by default all that are due, in the languages of the parameters. What the release
        already has is kept, and made again if it is out of date.
    weeks, officials : sequence of str
        Only these weeks of the weekly reports, and a document for each of these officials; by default one
        for all officials, for every week that ends in the period.
    projects : sequence of str
        The projects to make reports of; `["all"]` for all of which anything was reported.
    formats : sequence of {"html", "pdf", "docx", "pptx", "revealjs"}, optional
        Only these, of each report that offers them; by default all that it offers. `pptx` and `revealjs`
        are for reports that are shown in a meeting, and `revealjs` takes Quarto.
    renderer : {"auto", "quarto", "builtin"}
    as_of : str or datetime, optional
        `"now"`, a day or a moment; by default the period's cutoff.
    force : bool
        Make everything again even if nothing changed.
    progress : callable
        Told in a few words what is being done.
    kernels : callable, optional
        Called with the workspace's folder for the kernels to run notebooks in; by default ones that end
        with the build.

    Raises
    ------
    ReportError
        If anything at all is wrong; what was published before is then untouched.
    """
    parameters = workspace.parameters(ReportPeriod.parse(period))
    release = workspace.output / str(parameters.period)
    standing = manifest.read(release)
    subjects = Subjects(tuple(weeks), tuple(officials), tuple(projects))
    request = Request(reports, languages, formats, as_of, subjects)
    intact = manifest.intact(release, standing) if standing else set()
    note = noting(parameters.period, progress)

    def planned(renderer: Renderer) -> tuple[Plan, bool]:
        known = standing["reports"] if standing else ()
        plan = make_plan(workspace, parameters, request, renderer, known)
        return plan, bool(standing and not force and _is_current(plan, standing, intact))

    plan, is_current = planned(renderer_named(renderer, note))
    if not is_current:
        works = tried(plan.renderer, cast(Choice, renderer), note)
        plan, is_current = planned(works) if works is not plan.renderer else (plan, False)
    if standing and is_current:
        return _released(plan, standing, is_new=False)
    with staging(workspace, plan.period) as folder:
        if manifest.read(release) != standing:
            raise BuildError("build_running", period=plan.period)
        with writing(workspace.output), (kernels or Kernels)(workspace.root) as running:
            made = _Build(plan, folder, standing, intact, force, progress).run(running)
    return _released(plan, made, is_new=True)


def remake(plan: Plan, edition: Edition, progress: Progress) -> dict[str, Any]:
    """Make a release from nothing, as the edition it is said to be, and return its manifest."""
    workspace = plan.workspace
    with (
        staging(workspace, plan.period) as folder,
        writing(workspace.output),
        Kernels(workspace.root) as running,
    ):
        return _Build(plan, folder, None, set(), True, progress, edition).run(running)


@dataclass
class _Build:
    plan: Plan
    folder: Path
    standing: Mapping[str, Any] | None
    intact: set[str]
    force: bool
    progress: Progress
    edition: Edition | None = None
    seconds: dict[str, float] = field(default_factory=dict)

    def run(self, kernels: Kernels) -> dict[str, Any]:
        """Make the whole release in the staging folder, place it, and return its manifest."""
        # Late: a build with nothing to do waits for no large library.
        from sanshi_report.build.sources import Trails

        plan, folder = self.plan, self.folder
        with tempfile.TemporaryDirectory(dir=kernels.folder) as area:
            scratch = Path(area)
            self._tell("reading", count=len(plan.receipts))
            with self._timed("kpis.csv", "kpis.json", "revisions.csv"):
                ledger = write_data(plan, folder)
            register = Register(ledger)
            plan = self.plan = _about_known(plan, register)
            fresh = [task for task in plan.tasks if not self._reuse(task)]
            for task in fresh:
                self._execute(task, scratch, kernels)
            trails = Trails(plan, folder, ledger)
            for task in fresh:
                trails.lay(task)
            edition = self.edition or Edition.of(plan, self.standing, folder)
            for task in fresh:
                self._render(task, edition, register, trails)
            edition.keep_former(plan.release, folder)
            subjects = {task.name: register.subject(task.instance) for task in plan.tasks}
            made = manifest.compose(plan, folder, self.seconds, edition.entry, subjects)
            manifest.write(made, folder)
            self._complete(made)
            for kept in keep_edited(plan.workspace, plan.period, self.intact):
                self._tell("edited", kept=kept)
            for file in _browser_slides(self.standing) - _browser_slides(made):
                self._tell("removed", file=file)
            place(folder, plan.release)
        return made

    def _reuse(self, task: Task) -> bool:
        """Take over a report of the present release that is still right; say whether it was."""
        if self.standing is None or self.force:
            return False
        timings = {o["path"]: o["seconds"] for o in self.standing["outputs"]}
        held = {entry["name"]: entry["key"] for entry in self.standing["reports"]}
        files = {*task.files, *manifest.tables_of(task.name, held, timings)}
        same = held.get(task.name) == task.key
        if not same or not files <= self.intact:
            return False
        files |= {frame_file(one) for one in frames_of(self.plan.release / f"{task.name}.ipynb")}
        if not files <= self.intact:
            return False
        for name in files:
            copy(self.plan.release / name, self.folder / name)
            self.seconds[name] = timings[name]
        return True

    def _execute(self, task: Task, scratch: Path, kernels: Kernels) -> None:
        self._tell("executing", report=task.name)
        raw = scratch / f"{task.name}.ipynb"
        values = {
            "period": str(self.plan.period),
            "as_of": self.plan.as_of.isoformat(),
            "language": task.language,
            **task.instance.about,
        }
        try:
            with self._timed(raw.name):
                run = execute(task.notebook, raw, values, kernels)
                publish(run, task, self.folder)
        except ReportError as error:
            kept = keep_failed(self.plan.workspace, self.plan.period, raw)
            reasons = {"reason_zh": error.text("zh"), "reason_en": error.text("en")}
            raise BuildError("report_failed", report=task.name, kept=kept, **reasons) from error

    def _render(self, task: Task, edition: Edition, register: Register, trails: Trails) -> None:
        notebook = self.folder / f"{task.name}.ipynb"
        edition.annotate(notebook, self.plan.parameters, task.language)
        source = document(
            self.plan.workspace,
            self.plan.parameters,
            task.instance,
            notebook,
            language=task.language,
            as_of=self.plan.as_of,
            ribbon=edition.ribbon(task.language),
            subject=register.subject(task.instance),
            sources=trails.sources(task),
        )
        for format in task.formats:
            target = self.folder / file_of(task.name, format)
            self._tell("rendering", file=target.name)
            with self._timed(target.name):
                try:
                    self.plan.renderer.render(source, format, target)
                except RenderError as error:
                    raise trails.placed(error) from error

    def _complete(self, made: Mapping[str, Any]) -> None:
        """Refuse a release in which a file is missing or empty."""
        expected = {"kpis.csv", "kpis.json", "revisions.csv", manifest.NAME}
        expected.update(name for task in self.plan.tasks for name in task.files)
        for name in (*expected, *(output["path"] for output in made["outputs"])):
            path = self.folder / name
            if not path.is_file() or path.stat().st_size == 0:
                raise BuildError("file_not_made", file=name)

    def _tell(self, step: str, **values: Any) -> None:
        _tell(self.progress, step, self.plan.period, **values)

    @contextmanager
    def _timed(self, *names: str) -> Iterator[None]:
        begun = time.perf_counter()
        yield
        self.seconds |= dict.fromkeys(names, time.perf_counter() - begun)


def _about_known(plan: Plan, register: Register) -> Plan:
    """Refuse documents asked for that nothing is known for; let go of those merely there already."""
    for task in plan.tasks:
        if task.is_asked_for:
            register.require(task.instance, plan.period)
    return replace(plan, tasks=tuple(t for t in plan.tasks if register.knows(t.instance)))


def renderer_named(name: str, note: Callable[[RenderError], None] = lambda _: None) -> Renderer:
    """Return a renderer, or for `auto` the one that is best here; see `render.choose`.

    Raises
    ------
    UsageError
        If there is none of that name.
    RenderError
        If it cannot be used here.
    """
    if name not in get_args(Choice):
        raise UsageError("renderer_unknown", found=repr(name), known=", ".join(get_args(Choice)))
    return choose(cast(Choice, name), note)


def noting(period: object, progress: Progress) -> Callable[[RenderError], None]:
    """Return what tells in one line why Quarto is not used."""
    return lambda error: _tell(progress, "without_quarto", period, reason=error.values["reason"])


def _tell(progress: Progress, step: str, period: object, **values: Any) -> None:
    about = {"period": period, **values}
    progress(" | ".join(say(f"build.{step}", to, **about) for to in LANGUAGES))


def _browser_slides(release: Mapping[str, Any] | None) -> set[str]:
    """Return the files of a release that only Quarto makes."""
    endings = tuple(file_of("", format) for format in QUARTO_ONLY)
    outputs = release["outputs"] if release else ()
    return {o["path"] for o in outputs if o["path"].endswith(endings) and "/" not in o["path"]}


def _is_current(plan: Plan, standing: Mapping[str, Any], intact: set[str]) -> bool:
    held = {r["name"]: (r["key"], r["formats"]) for r in standing["reports"]}
    planned = {task.name: (task.key, list(task.formats)) for task in plan.tasks}
    return held == planned and intact == {output["path"] for output in standing["outputs"]}


def _released(plan: Plan, made: Mapping[str, Any], *, is_new: bool) -> Release:
    names = [*(output["path"] for output in made["outputs"]), manifest.NAME]
    return Release(
        folder=plan.release,
        files=tuple(plan.release / name for name in names),
        renderer=f"{plan.renderer.name} {plan.renderer.version}",
        edition=made["edition"],
        reports=tuple(made["reports"]),
        is_new=is_new,
    )
