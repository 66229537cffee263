"""The house keeps its floors (docs/architecture.md), and what is built from it holds everything that it needs."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parent.parent
SRC = ROOT / "src"
PACKAGE = SRC / "backuptrace"
DATA = ("parsers", "signatures")

FLOORS = [
    {"errors", "model", "version"},
    {"bundle", "readers", "matcher", "redact"},
    {"knowledge"},
    {"scanning", "timeline", "report"},
    {"reason"},
    {"answer"},
    {"api"},
    {"proving", "fleet"},
    {"cli"},
    {"__main__"},
]
"""From the ground up; a room may import from the floors below it and from itself, not from its neighbours."""
SAME_ROOM = dict.fromkeys(("sentence", "facts", "judged", "caused", "settling", "pending", "covered", "explained", "comparing"), "answer")
"""Modules that share a room without a folder."""
LEVEL = {room: level for level, rooms in enumerate(FLOORS) for room in rooms}
ALLOWED = {
    ("answer", "__init__"),  # the version
    ("cli", "__init__"),  # the version
    ("__init__", "version"),
    ("__init__", "api"),  # `backuptrace.scan`, on first use
    ("__init__", "report"),  # `backuptrace.Report`, on first use
    ("__init__", "fleet"),  # `backuptrace.open_fleet`, on first use
    ("fleet", "__init__"),  # the version
}


class Import(NamedTuple):
    """One import of a module of ours; `late`: inside a function, or for type checkers only."""

    importer: str
    imported: str
    line: int
    late: bool

    def __str__(self) -> str:
        return f"{self.importer}:{self.line} imports {self.imported}"


def modules() -> dict[str, ast.Module]:
    """Dotted name -> syntax tree of every module in src/, read as Python 3.10."""
    found = {}
    for path in sorted(SRC.rglob("*.py")):
        parts = path.relative_to(SRC).with_suffix("").parts
        found[".".join(parts)] = ast.parse(path.read_text(encoding="utf-8"), str(path), feature_version=(3, 10))
    return found


MODULES = modules()


def room(module: str) -> str:
    """`backuptrace.scanning.lines` -> `scanning`; `backuptrace` itself -> `__init__`."""
    parts = module.split(".")
    found = parts[1] if len(parts) > 1 else "__init__"
    return SAME_ROOM.get(found, found)


def imports(name: str, tree: ast.Module) -> Iterator[Import]:
    """Every import of our modules, those inside functions and for type checkers included."""
    late = {id(node) for block in ast.walk(tree) if is_late(block) for node in ast.walk(block)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            wanted = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{name}:{node.lineno} imports relatively"
            base = node.module or ""
            wanted = [f"{base}.{alias.name}" if is_module(f"{base}.{alias.name}") else base for alias in node.names]
        else:
            continue
        for target in dict.fromkeys(wanted):
            if target.split(".")[0] == "backuptrace":
                yield Import(name, target, node.lineno, id(node) in late)


def is_late(block: ast.AST) -> bool:
    if isinstance(block, ast.If):
        return isinstance(block.test, ast.Name) and block.test.id == "TYPE_CHECKING"
    return isinstance(block, (ast.FunctionDef, ast.AsyncFunctionDef))


def is_module(name: str) -> bool:
    return name in MODULES or f"{name}.__init__" in MODULES


ALL_IMPORTS = [found for name, tree in MODULES.items() for found in imports(name, tree)]


def test_every_room_has_a_floor() -> None:
    rooms = {room(name) for name in MODULES} - {"__init__"}
    assert rooms <= set(LEVEL), f"give it a floor here and in docs/architecture.md: {rooms - set(LEVEL)}"


def test_no_room_imports_a_higher_floor_or_a_neighbour() -> None:
    wrong = []
    for found in ALL_IMPORTS:
        above, below = room(found.importer), room(found.imported)
        if above == below or (above, below) in ALLOWED:
            continue
        if LEVEL.get(above, -1) <= LEVEL.get(below, len(FLOORS)):
            wrong.append(str(found))
    assert not wrong, "upward arrows:\n" + "\n".join(wrong)


def test_no_module_imports_itself_in_a_circle() -> None:
    """Circles among the imports that run when a module is loaded."""
    graph: dict[str, set[str]] = {}
    for found in ALL_IMPORTS:
        if not found.late:
            graph.setdefault(found.importer.removesuffix(".__init__"), set()).add(found.imported)
    done: set[str] = set()

    def visit(name: str, way: tuple[str, ...]) -> None:
        assert name not in way, "a circle: " + " -> ".join([*way[way.index(name) :], name])
        if name not in done:
            for target in sorted(graph.get(name, ())):
                visit(target, (*way, name))
            done.add(name)

    for name in sorted(graph):
        visit(name, ())


def test_reasoning_does_no_input_or_output() -> None:
    """reason/ is pure: the same history gives the same answer."""
    forbidden = {"os", "io", "pathlib", "subprocess", "socket", "time", "random", "tempfile", "shutil"}
    wrong = []
    for name, tree in MODULES.items():
        if room(name) != "reason":
            continue
        for node in ast.walk(tree):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            wrong += [f"{name} imports {n}" for n in names if n.split(".")[0] in forbidden]
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "open":
                wrong.append(f"{name}:{node.lineno} opens a file")
    assert not wrong, "\n".join(wrong)


def test_no_print_no_assert_in_src() -> None:
    wrong = []
    for name, tree in MODULES.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Assert):
                wrong.append(f"{name}:{node.lineno} assert: python -O removes it; raise an error of errors.py")
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print":
                wrong.append(f"{name}:{node.lineno} print: only cli/output.py writes")
    assert not wrong, "\n".join(wrong)


def test_modules_stay_short() -> None:
    """One idea a file."""
    long = {path.relative_to(ROOT).as_posix(): len(path.read_text(encoding="utf-8").splitlines()) for path in sorted(SRC.rglob("*.py"))}
    assert not {path: lines for path, lines in long.items() if lines > 500}


# what is built


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """(wheel, source distribution), built from a copy: a build leaves folders behind. Needs no network."""
    pytest.importorskip("setuptools", minversion="77", reason="building needs setuptools 77 or later: pip install -e '.[test]'")
    copy = tmp_path_factory.mktemp("build") / "backuptrace"
    ignore = shutil.ignore_patterns("__pycache__", "*.egg-info", ".git", ".venv", ".*_cache", ".hypothesis", "build", "dist")
    shutil.copytree(ROOT, copy, ignore=ignore, symlinks=True)
    (copy / "parsers" / "__pycache__").mkdir()
    (copy / "parsers" / "__pycache__" / "__init__.cpython-310.pyc").write_bytes(b"")
    code = "from setuptools import build_meta as b; print(b.build_sdist('dist')); print(b.build_wheel('dist'))"
    done = subprocess.run([sys.executable, "-c", code], cwd=copy, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    dist = copy / "dist"
    return next(dist.glob("*.whl")), next(dist.glob("*.tar.gz"))


def wheel_names(built: tuple[Path, Path]) -> set[str]:
    with zipfile.ZipFile(built[0]) as wheel:
        return set(wheel.namelist())


def test_the_wheel_takes_one_import_name(built: tuple[Path, Path]) -> None:
    tops = {name.split("/")[0] for name in wheel_names(built)}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"backuptrace"}


def test_the_wheel_holds_every_module_and_data_file(built: tuple[Path, Path]) -> None:
    names = wheel_names(built)
    wanted = {path.relative_to(SRC).as_posix() for path in PACKAGE.rglob("*") if path.is_file() and path.suffix not in {".pyc", ".pyo"}}
    for folder in DATA:
        wanted |= {f"backuptrace/{path.relative_to(ROOT).as_posix()}" for path in (ROOT / folder).rglob("*") if path.suffix in {".py", ".yml"}}
    assert {"backuptrace/py.typed", "backuptrace/knowledge/when.lark", "backuptrace/report/report.schema.json"} <= wanted
    missing = wanted - names
    assert not missing, "not in the wheel; see [tool.setuptools] in pyproject.toml"
    assert not [name for name in names if name.endswith(".pyc")]


def test_the_data_folders_hold_data_only() -> None:
    """A Python module there would not be found by type checkers, nor by the rule that all Python is in src/."""
    for folder in DATA:
        files = [path.relative_to(ROOT).as_posix() for path in (ROOT / folder).rglob("*") if path.is_file() and "__pycache__" not in path.parts]
        assert [name for name in files if not name.endswith(".yml")] == [f"{folder}/__init__.py"]


def test_the_source_distribution_can_be_tested(built: tuple[Path, Path]) -> None:
    with tarfile.open(built[1]) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    shipped = ["src/backuptrace", *DATA, "tests", "benchmarks", "docs", "sample_logs", ".ci"]
    wanted = {path.relative_to(ROOT).as_posix() for folder in shipped for path in (ROOT / folder).rglob("*") if path.is_file()}
    wanted = {name for name in wanted if not any(part == "__pycache__" or (part.startswith(".") and part != ".ci") for part in name.split("/"))}
    wanted |= {"pyproject.toml", "MANIFEST.in", "README.md", "LICENSE", "CHANGELOG.md", "CONTRIBUTING.md"}
    missing = wanted - names
    assert not missing, "not in the source distribution; see MANIFEST.in"
    assert not [name for name in names if name.endswith(".pyc")]
