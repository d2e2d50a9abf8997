"""The rules of the house: who imports whom, how long a module may be, what is pinned."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
MODULES = sorted(ROOT.glob("commerce/**/*.py"))
# The few that draw or serve.
WITH_STREAMLIT = ("commerce/ui/", "commerce/server.py", "commerce/static_files.py")


def imports(path: Path) -> set[str]:
    """Return the top-level names that a module imports, wherever it does."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return found


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_the_package_never_imports_pages_and_rarely_streamlit(path: Path) -> None:
    names = {name.split(".")[0] for name in imports(path)}
    assert "pages" not in names
    if not str(path.relative_to(ROOT)).startswith(WITH_STREAMLIT):
        assert "streamlit" not in names
        assert not any(name.startswith("commerce.ui") for name in imports(path))


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_a_module_says_what_it_is_for_and_stays_short(path: Path) -> None:
    text = path.read_text("utf-8")
    assert ast.get_docstring(ast.parse(text))
    assert len(text.splitlines()) <= 300


def test_pages_are_scripts_without_functions() -> None:
    for path in ROOT.glob("pages/**/*.py"):
        tree = ast.parse(path.read_text("utf-8"))
        assert not [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)], path


def test_requirements_are_pinned() -> None:
    for name in ("requirements.txt", "requirements-dev.txt"):
        for line in (ROOT / name).read_text("utf-8").splitlines():
            if line and not line.startswith(("#", "-r")):
                assert re.fullmatch(r"[a-z0-9-]+==[\w.]+", line), line


def test_the_demo_is_small_and_no_real_file_is_in_the_project() -> None:
    demo = sum(path.stat().st_size for path in (ROOT / "data" / "demo").glob("*"))
    assert demo < 8_000_000
    tracked = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout
    assert "data/live" not in tracked


def test_make_help_lists_every_command() -> None:
    shown = subprocess.run(
        ["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    for command in ("run", "test", "ingest", "update", "bench", "check"):
        assert re.search(rf"^{command} ", shown, re.M), command


def test_the_readme_names_every_command_of_the_command_line() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    for command in (
        "serve",
        "ingest",
        "publish",
        "history",
        "query",
        "sql",
        "datasets",
        "template",
        "rollback",
        "backup",
        "backtest",
        "demo",
        "fetch",
        "update",
    ):
        assert f"python -m commerce {command}" in readme, command
