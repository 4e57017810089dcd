"""A run is accepted only if all of it happened."""

import os

import pytest

import notebooks
from sanshi_report.build.execute import accept, execute
from sanshi_report.errors import BuildError
from sanshi_report.kernels import Kernels

VALUES = {"period": "2024-06", "as_of": "2024-07-05T23:59:59+08:00", "language": "zh"}

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")


@pytest.fixture(scope="module")
def kernels(tmp_path_factory):
    with Kernels(tmp_path_factory.mktemp("root")) as kernels:
        yield kernels


@pytest.fixture
def refusal(kernels, tmp_path):
    """Run a notebook that must be refused and return the error."""

    def refusal(*sources, **options):
        path = notebooks.write(tmp_path / "report.ipynb", *sources, **{"setup": "", **options})
        with pytest.raises(BuildError) as caught:
            execute(path, tmp_path / "run.ipynb", VALUES, kernels)
        return caught.value

    return refusal


def test_a_notebook_that_ran_to_its_end_is_accepted(kernels, tmp_path):
    path = notebooks.write(tmp_path / "report.ipynb", "period", setup="")
    run = execute(path, tmp_path / "run.ipynb", VALUES, kernels)
    values = [o["data"]["text/plain"] for c in run["cells"] for o in c.get("outputs", ())]
    assert values == ["'2024-06'", "完"]


def test_a_parameter_the_notebook_does_not_have_is_refused(refusal, tmp_path):
    error = refusal("1", parameters='perod = None\nas_of = None\nlanguage = "zh"')
    assert (error.key, error.values["parameter"]) == ("parameter_unknown", "period")
    assert not (tmp_path / "run.ipynb").exists()


def test_a_notebook_without_a_parameters_cell_is_refused(refusal):
    assert refusal("1", parameters="").key == "parameter_unknown"


def test_a_cell_that_raises_is_named_with_what_it_raised(refusal):
    error = refusal("ok = 1", "total = {}\ntotal['investment']")
    assert error.key == "cell_failed"
    # The cell the parameters are injected into is one of those counted.
    assert (error.values["cell"], error.values["source"]) == (5, "total = {}")
    assert error.values["reason"] == "KeyError: 'investment'"


@pytest.mark.parametrize("leaving", ["import sys; sys.exit(0)", "raise SystemExit"])
def test_a_cell_that_leaves_is_refused(refusal, leaving):
    assert refusal(leaving).key in ("cell_left", "kernel_died")


def test_a_notebook_without_an_end_is_refused(refusal):
    assert refusal("1", end="").key == "end_missing"


def test_a_file_that_is_no_notebook_is_refused(kernels, tmp_path):
    path = tmp_path / "report.ipynb"
    path.write_text("{", encoding="utf-8")
    with pytest.raises(BuildError) as caught:
        execute(path, tmp_path / "run.ipynb", VALUES, kernels)
    assert caught.value.key == "notebook_malformed"


# The same rules on runs written by hand, for what is hard to bring about


def ran(**changes):
    run = notebooks.notebook("1")
    for number, cell in enumerate(run["cells"], 1):
        cell["execution_count"] = number
    end = {"data": {}, "metadata": {"sanshi": {"end": True}}, "output_type": "display_data"}
    run["cells"][-1]["outputs"] = [end]
    run["cells"][2] |= changes
    return run


def refused(run):
    """Why a run is refused; None if it is accepted."""
    try:
        accept(run, "report.ipynb")
    except BuildError as error:
        return error.key
    return None


def test_a_whole_run_is_accepted():
    assert refused(ran()) is None


def test_a_cell_without_a_count_was_not_run():
    assert refused(ran(execution_count=None)) == "cell_not_run"


def test_an_empty_cell_need_not_be_run():
    assert refused(ran(execution_count=None, source=" \n")) is None


def test_papermill_s_mark_of_an_exception_counts():
    assert refused(ran(metadata={"papermill": {"exception": True}})) == "cell_left"


def test_an_error_among_the_outputs_counts():
    assert refused(ran(outputs=[{"output_type": "error", "ename": "SystemExit"}])) == "cell_left"


def test_the_notebook_s_own_mark_counts():
    run = ran()
    run["metadata"]["papermill"] = {"exception": True}
    assert refused(run) == "cell_left"


def test_an_end_that_says_nothing_was_not_reached():
    run = ran()
    run["cells"][-1]["outputs"] = []
    assert refused(run) == "end_not_reached"
