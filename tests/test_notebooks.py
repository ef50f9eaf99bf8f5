"""Every notebook runs from top to bottom, imports only what it may, and is kept without its outputs."""

from __future__ import annotations

import ast
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import nbformat
import pytest
from nbclient import NotebookClient

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbformat import NotebookNode
    from sqlalchemy.engine import URL

NOTEBOOKS = sorted((Path(__file__).parent.parent / "notebooks").glob("*.ipynb"))
OURS = {"api", "bench", "dashboard", "data", "geo", "tests"}
each_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=[path.stem for path in NOTEBOOKS])


def read(path: Path) -> NotebookNode:
    notebook: NotebookNode = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    return notebook


def imported(code: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield (node.module or "").split(".")[0]


def test_there_is_one() -> None:
    assert NOTEBOOKS


@each_notebook
def test_is_kept_without_outputs(path: Path) -> None:
    cells = [cell for cell in read(path).cells if cell.cell_type == "code"]
    assert cells
    assert all(cell.outputs == [] and cell.execution_count is None for cell in cells)


@each_notebook
def test_imports_the_library_and_the_loaders_only(path: Path) -> None:
    code = "\n".join(cell.source for cell in read(path).cells if cell.cell_type == "code")
    assert OURS & set(imported(code)) <= {"geo", "data"}


@each_notebook
def test_speaks_between_the_cells(path: Path) -> None:
    kinds = [cell.cell_type for cell in read(path).cells]
    assert kinds[0] == "markdown"
    assert kinds.count("markdown") * 2 >= kinds.count("code")


@pytest.fixture
def kernel(server_url: URL, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A kernel of this environment that leaves nothing in anybody's home."""
    monkeypatch.setenv("BARNRAISER_DATABASE_URL", server_url.render_as_string(hide_password=False))
    for name in ("JUPYTER_RUNTIME_DIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "IPYTHONDIR"):
        monkeypatch.setenv(name, str(tmp_path / name.lower()))
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")


def run(path: Path, folder: Path) -> list[NotebookNode]:
    """Run a notebook in a folder and give what it put out; nothing of it is an error or a warning."""
    notebook = read(path)
    NotebookClient(
        notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": str(folder)}}
    ).execute()
    outputs = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    assert [output for output in outputs if output.output_type == "error" or output.get("name") == "stderr"] == []
    return outputs


def printed(outputs: list[NotebookNode]) -> str:
    return "\n".join(output.get("text") or output.get("data", {}).get("text/markdown", "") for output in outputs)


@pytest.mark.slow
@pytest.mark.usefixtures("kernel")
@each_notebook
def test_runs_from_top_to_bottom(path: Path) -> None:
    outputs = run(path, path.parent)
    assert any("image/svg+xml" in output.get("data", {}) for output in outputs)


@pytest.mark.slow
@pytest.mark.usefixtures("kernel")
def test_without_the_reference_data_its_figures_are_named_as_missing(tmp_path: Path) -> None:
    folder = tmp_path / "checkout" / "notebooks"
    folder.mkdir(parents=True)
    outputs = run(next(path for path in NOTEBOOKS if path.stem == "02_reference_results"), folder)
    told = printed(outputs)
    assert (
        "Not compared, because the reference data is not on this machine: Belo Horizonte, Chicago, OR-Library." in told
    )
    assert "7 figures compared" in told
    assert sum("image/svg+xml" in output.get("data", {}) for output in outputs) == 1
