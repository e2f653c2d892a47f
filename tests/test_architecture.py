"""The house stands as it was drawn: imports point down, packages load late, files stay small."""

from __future__ import annotations

import ast
import importlib.metadata
import json
import re
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

import accessify
from accessify.hub.shipped import SHIPPED

ROOT = Path(__file__).parents[1]
HOUSE = ROOT / "accessify"
DEMO = ROOT / "demos" / "accessify_app"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))

ROWS = {
    "core": 0,
    **dict.fromkeys(("speech", "captions", "tracking", "signs", "glossing", "motion", "avatar"), 1),
    **dict.fromkeys(("media", "engines", "hub", "render", "delivery"), 2),
    "pipelines": 3,
    **dict.fromkeys(("evaluation", "training", "server"), 4),
    "accessify_app": 5,  # widgets and callbacks over the server and the pipelines
    "cli": 6,  # only calls the others, the benches and the app among them
    "": 7,  # the front door: __init__ and __main__
}
"""Package → row. A module imports its own package and lower rows, never sideways or up."""

HEAVY = frozenset(PROJECT["tool"]["ruff"]["lint"]["flake8-tidy-imports"]["banned-module-level-imports"])
"""Packages that are imported inside the functions that use them; the linter's list, kept once."""

EXTRAS_ONLY = frozenset(
    {
        "torch",
        "torchaudio",
        "openai-whisper",
        "transformers",
        "tensorflow",
        "tflite",
        "onnx",
        "opencv-python",
        "mediapipe",
        "gradio",
        "moderngl",
        "scikit-image",
        "scipy",
        "pygltflib",
        "simplemma",
        "pypinyin",
        "moonshine-voice",
        "onnxscript",
        "jiwer",
        "whisper-normalizer",
        "psutil",
        "starlette",
        "uvicorn",
        "websockets",
        "prometheus-client",
        "python-multipart",
        "pytest",
    }
)
"""Distributions that the base install must do without."""

ENGINES = frozenset(
    {"torch", "cv2", "onnxruntime", "av", "gradio", "pocketsphinx", "httpx", "moonshine_voice"}
)
"""Heavy packages that only edges may open, even inside functions."""

OUTSIDE = frozenset(
    {"socket", "ssl", "urllib", "http", "subprocess", "tempfile", "shutil", "sqlite3", "asyncio", "signal"}
    | {"multiprocessing", "loky", "threading"}
)
"""Modules that reach files, programs, processes or the network."""

FILE_METHODS = frozenset(
    {
        "open",
        "read_text",
        "read_bytes",
        "write_text",
        "write_bytes",
        "mkdir",
        "unlink",
        "rmdir",
        "rename",
        "touch",
        "iterdir",
        "glob",
    }
)
PACKAGE_DATA = {
    "accessify/captions/rules.py": "its profiles are data in the package",
    "accessify/signs/alphabet.py": "its alphabets are data in the package",
    "accessify/glossing/alphabet.py": "its alphabets are data in the package",
    "accessify/motion/symbols.py": "the table of symbols is data in the package",
}
"""Pure modules that may read files all the same, and why."""

MODULE_LINES = 400
FUNCTION_LINES = 40


@dataclass(frozen=True, slots=True)
class Source:
    """One module of the house."""

    path: Path
    text: str
    tree: ast.Module

    @property
    def name(self) -> str:
        return self.path.relative_to(ROOT).as_posix()

    @property
    def package(self) -> str:
        """The package under accessify it belongs to, or the app's own; empty for the front door."""
        if self.path.is_relative_to(DEMO):
            return DEMO.name
        parts = self.path.relative_to(HOUSE).parts
        return parts[0] if len(parts) > 1 else ""


Guard = Callable[[Source], None]
GUARDS: dict[Guard, tuple[str, ...]] = {}
"""What is asked of modules, and the packages of which it is not."""


@cache
def sources() -> tuple[Source, ...]:
    found = []
    for path in (*sorted(HOUSE.rglob("*.py")), *sorted(DEMO.rglob("*.py"))):
        text = path.read_text("utf-8")
        found.append(Source(path, text, ast.parse(text)))
    return tuple(found)


def each(*, skip: tuple[str, ...] = ()) -> Callable[[Guard], Guard]:
    """A guard of every module, but not of those of some packages."""

    def kept(guard: Guard) -> Guard:
        GUARDS[guard] = skip
        return guard

    return kept


def imported(tree: ast.AST, path: Path) -> Iterator[tuple[int, str]]:
    """Line and full name of everything imported anywhere in `tree`, lazily named modules included."""
    package = path.relative_to(ROOT).parent.parts
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else ()
            base = ".".join((*above, *(node.module or "").split("."))).strip(".")
            yield from ((node.lineno, f"{base}.{alias.name}") for alias in node.names)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and _names_module(node.value):
            yield node.lineno, node.value.partition(":")[0]


def _names_module(text: str) -> bool:
    """Whether `text` is the name of a module of the house, alone or as `module:member`."""
    if not re.fullmatch(r"accessify(\.[a-z_]+)+(:\w+)?", text):
        return False
    path = ROOT.joinpath(*text.partition(":")[0].split("."))
    return path.with_suffix(".py").exists() or (path / "__init__.py").exists()


def at_import(tree: ast.Module) -> Iterator[ast.stmt]:
    """The statements that run when the module is imported (not the TYPE_CHECKING ones)."""
    waiting: list[ast.AST] = list(tree.body)
    while waiting:
        node = waiting.pop(0)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        if isinstance(node, ast.If) and ast.unparse(node.test) in {"TYPE_CHECKING", "typing.TYPE_CHECKING"}:
            waiting.extend(node.orelse)
            continue
        if isinstance(node, ast.stmt):
            yield node
        waiting.extend(ast.iter_child_nodes(node))


def code_lines(function: ast.FunctionDef | ast.AsyncFunctionDef, lines: list[str]) -> int:
    """Lines of a function that hold code: without its docstring, empty lines and comments."""
    body = function.body
    if ast.get_docstring(function) is not None:
        body = body[1:]
    if not body:
        return 1
    head = lines[function.lineno - 1 : function.body[0].lineno - 1]
    rest = lines[body[0].lineno - 1 : function.end_lineno]
    return sum(bool(line.strip()) and not line.strip().startswith("#") for line in (*head, *rest))


def heavy(name: str, packages: frozenset[str]) -> bool:
    return any(name == package or name.startswith(package + ".") for package in packages)


@each()
def imports_point_down(source: Source) -> None:
    own = source.package
    assert own in ROWS, f"{source.name}: package {own!r} has no row; give it one in ROWS"
    for line, name in imported(source.tree, source.path):
        top, _, rest = name.partition(".")
        if top not in {"accessify", DEMO.name} or not own:
            continue
        other = top if top == DEMO.name else rest.split(".")[0]
        if other == own:
            continue
        assert ROWS.get(other, 7) < 7, f"{source.name}:{line} imports {name}: not a package of the house"
        direction = "sideways" if ROWS[other] == ROWS[own] else "up"
        assert ROWS[other] < ROWS[own], f"{source.name}:{line} imports {name}: that points {direction}"


@each()
def heavy_packages_are_imported_late(source: Source) -> None:
    made_of = {"training": {"torch"}, DEMO.name: {"gradio"}}
    late = HEAVY - made_of.get(source.package, set())
    for node in at_import(source.tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            for line, name in imported(ast.Module([node], []), source.path):
                assert not heavy(name, late), f"{source.name}:{line} loads {name} at module level"


EDGES = ("media", "engines", "hub", "render", "delivery")


@each(skip=("cli", "evaluation", "training", "server", *EDGES))
def only_edges_open_engines(source: Source) -> None:
    for line, name in imported(source.tree, source.path):
        if source.package == DEMO.name and heavy(name, frozenset({"gradio"})):
            continue
        assert not heavy(name, ENGINES), f"{source.name}:{line} uses {name}, which belongs to an edge"


@each(skip=tuple(package for package, row in ROWS.items() if row != 1))
def pure_stages_touch_no_file_and_no_network(source: Source) -> None:
    if source.name in PACKAGE_DATA:
        return
    for line, name in imported(source.tree, source.path):
        assert name.split(".")[0] not in OUTSIDE, f"{source.name}:{line} uses {name}"
    opens = any(
        name.split(".")[0] in {"pathlib", "io", "codecs"} for _, name in imported(source.tree, source.path)
    )
    for node in ast.walk(source.tree):
        if not isinstance(node, ast.Call):
            continue
        called = ast.unparse(node.func)
        method = called.rpartition(".")[2]
        reaches = called == "open" or ("." in called and method in FILE_METHODS)
        if method == "open" and called != "open" and not opens:
            continue  # a method of our own
        assert not reaches, f"{source.name}:{node.lineno} calls {called}()"


@each()
def modules_are_short_and_named_for_what_they_hold(source: Source) -> None:
    count = len(source.text.splitlines())
    assert count <= MODULE_LINES, f"{source.name}: {count} lines; split it (at most {MODULE_LINES})"
    vague = {"utils", "util", "helpers", "helper", "common", "misc"}
    assert not vague & {source.path.stem, *source.path.parts[-2:-1]}, f"{source.name}: name what it holds"


@each()
def functions_are_short(source: Source) -> None:
    lines = source.text.splitlines()
    for node in ast.walk(source.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            count = code_lines(node, lines)
            assert count <= FUNCTION_LINES, f"{source.name}:{node.lineno} {node.name}: {count} lines of code"


@each(skip=("cli",))
def the_library_never_prints(source: Source) -> None:
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id != "print", f"{source.name}:{node.lineno} prints"
        if isinstance(node, ast.Attribute) and node.attr in {"stdout", "stderr"}:
            at_sys = isinstance(node.value, ast.Name) and node.value.id == "sys"
            assert not at_sys, f"{source.name}:{node.lineno} uses sys.{node.attr}"


@each(skip=("cli", "server", DEMO.name))
def only_known_errors_are_caught(source: Source) -> None:
    for node in ast.walk(source.tree):
        if not isinstance(node, ast.ExceptHandler):
            continue
        named = (
            {leaf.id for leaf in ast.walk(node.type) if isinstance(leaf, ast.Name)} if node.type else set()
        )
        broad = node.type is None or named & {"Exception", "BaseException"}
        raises_again = isinstance(node.body[-1], ast.Raise) and node.body[-1].exc is None
        seen = broad and not raises_again
        assert not seen, f"{source.name}:{node.lineno} catches everything"


@pytest.mark.parametrize("guard", GUARDS, ids=lambda guard: guard.__name__)
def test_every_module_keeps_to_this(guard: Guard) -> None:
    wrong = []
    for source in sources():
        if source.package not in GUARDS[guard]:
            try:
                guard(source)
            except AssertionError as error:
                wrong.append(str(error))
    assert not wrong


@pytest.mark.parametrize(
    ("guard", "place", "text", "said"),
    [
        (imports_point_down, "core/a.py", "from accessify.captions import rules", "up"),
        (imports_point_down, "speech/a.py", "import accessify.captions.rules", "sideways"),
        (imports_point_down, "media/a.py", "from accessify import hub", "sideways"),
        (imports_point_down, "media/a.py", "from ..engines import session", "sideways"),
        (
            imports_point_down,
            "hub/a.py",
            "if TYPE_CHECKING:\n from accessify.media import probe",
            "sideways",
        ),
        (imports_point_down, "hub/a.py", "HOME = 'accessify.cli'", "up"),
        (imports_point_down, "server/a.py", "from accessify_app import app", "up"),
        (imports_point_down, "core/a.py", "from accessify import Track", "not a package"),
        (imports_point_down, "sounds/a.py", "", "has no row"),
        (
            heavy_packages_are_imported_late,
            "media/a.py",
            "import av.filter",
            "av.filter at module level",
        ),
        (
            heavy_packages_are_imported_late,
            "cli/a.py",
            "try:\n from rich import progress\nfinally: 0",
            "rich",
        ),
        (only_edges_open_engines, "speech/a.py", "def f():\n import onnxruntime", "belongs to an edge"),
        (pure_stages_touch_no_file_and_no_network, "signs/a.py", "import urllib.request", "urllib"),
        (pure_stages_touch_no_file_and_no_network, "signs/a.py", "open('a')", r"calls open\(\)"),
        (pure_stages_touch_no_file_and_no_network, "signs/a.py", "p.read_text()", "read_text"),
        (modules_are_short_and_named_for_what_they_hold, "core/utils.py", "", "name what it holds"),
        (modules_are_short_and_named_for_what_they_hold, "core/a.py", "a = 1\n" * 401, "401 lines"),
        (functions_are_short, "core/a.py", "def f():\n" + " a = 1\n" * 40, "f: 41 lines"),
        (the_library_never_prints, "core/a.py", "print('a')", "prints"),
        (the_library_never_prints, "core/a.py", "sys.stderr.write('a')", "sys.stderr"),
        (
            only_known_errors_are_caught,
            "core/a.py",
            "try: f()\nexcept (A, Exception): pass",
            "everything",
        ),
        (only_known_errors_are_caught, "core/a.py", "try: f()\nexcept: pass", "everything"),
    ],
)
def test_the_guards_see_what_they_guard_against(guard: Guard, place: str, text: str, said: str) -> None:
    with pytest.raises(AssertionError, match=said):
        guard(Source(HOUSE / place, text, ast.parse(text)))


@pytest.mark.parametrize(
    ("guard", "place", "text"),
    [
        (imports_point_down, "media/a.py", "from accessify.core import audio\nfrom . import probe"),
        (
            heavy_packages_are_imported_late,
            "media/a.py",
            "if TYPE_CHECKING:\n import av\ndef f(): import av",
        ),
        (
            functions_are_short,
            "core/a.py",
            'def f():\n """' + "long\n" * 60 + '"""\n # why\n\n return 1',
        ),
        (only_known_errors_are_caught, "core/a.py", "try: f()\nexcept BaseException:\n g()\n raise"),
    ],
)
def test_the_guards_let_good_code_pass(guard: Guard, place: str, text: str) -> None:
    guard(Source(HOUSE / place, text, ast.parse(text)))


def test_every_folder_is_a_package_with_something_in_it() -> None:
    for folder in {source.path.parent for source in sources()}:
        assert (folder / "__init__.py").exists(), f"{folder} has no __init__.py"
        code = any(source.tree.body[1:] for source in sources() if source.path.is_relative_to(folder))
        assert code, f"{folder} holds nothing"


def test_no_file_names_a_registry_or_a_machine() -> None:
    told = re.compile(r"pypi\.org|pythonhosted\.org|registry\.npmjs|(?<![\w.])/(work|root|home)/")
    names = ("Makefile", ".ci/run", "pyproject.toml", "README.md")
    files = [ROOT / name for name in names] + [path for path in HOUSE.rglob("*") if path.is_file()]
    for path in files:
        if path.suffix in {".py", ".toml", ".md", ".html", ".js", ""}:
            found = told.search(path.read_text("utf-8"))
            assert found is None, f"{path.relative_to(ROOT)} names {found and found[0]}"


# What an import and an install bring along


def loaded_by(code: str) -> set[str]:
    """Names of all modules loaded in a fresh interpreter after `code`."""
    script = f"import sys; before = set(sys.modules)\n{code}\nimport json; print(json.dumps([*sys.modules]))"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT, timeout=120
    )
    return set(json.loads(done.stdout.splitlines()[-1]))


@pytest.mark.parametrize(
    "code",
    [
        "import accessify",
        "import accessify.cli",
        "from accessify import AccessifyError, Cue, Document, Rate, Span, Track, Word",
        "from click.testing import CliRunner; from accessify.cli import program\n"
        "assert CliRunner().invoke(program, ['--help']).exit_code == 0",
    ],
)
def test_nothing_heavy_is_loaded(code: str) -> None:
    loaded = loaded_by(code)
    assert "accessify" in loaded
    assert not [name for name in loaded if heavy(name, HEAVY)]


def test_importing_the_house_loads_nothing_but_the_door() -> None:
    code = "import accessify"
    installed = importlib.metadata.packages_distributions()
    site = {name.split(".")[0] for name in loaded_by(code) - loaded_by("")} & set(installed)
    assert site <= {"accessify"}
    assert "numpy" not in loaded_by(code)


def requirement(text: str) -> str:
    match = re.match(r"[A-Za-z0-9._-]+", text)
    assert match
    return re.sub(r"[-_.]+", "-", match[0]).lower()


BASE = {requirement(text) for text in PROJECT["project"]["dependencies"]}
EXTRA = {
    requirement(text)
    for group in PROJECT["project"]["optional-dependencies"].values()
    for text in group
    if requirement(text) != "accessify"
}


def test_the_base_install_is_light() -> None:
    assert not BASE & EXTRAS_ONLY
    assert not BASE & EXTRA


def when_run(tree: ast.Module) -> ast.Module:
    """The module without what only type checkers read."""
    kept = ast.parse(ast.unparse(tree))
    for node in ast.walk(kept):
        if isinstance(node, ast.If) and ast.unparse(node.test) in {"TYPE_CHECKING", "typing.TYPE_CHECKING"}:
            node.body = [ast.Pass()]
    return kept


@cache
def needed(source: Source) -> frozenset[str]:
    """Packages that are imported when the module runs."""
    return frozenset(name.split(".")[0] for _, name in imported(when_run(source.tree), source.path))


def third_party(packages: set[str]) -> dict[str, set[str]]:
    """Distribution → the modules that import it when they run, over those of `packages`."""
    installed = importlib.metadata.packages_distributions()
    found: dict[str, set[str]] = {}
    for source in sources():
        if source.package not in packages:
            continue
        for top in needed(source):
            if top not in {"accessify", DEMO.name, *sys.stdlib_module_names}:
                owners = {requirement(owner) for owner in installed.get(top, [top])}
                owner = min(owners & (BASE | EXTRA), default=min(owners))  # cv2 comes from two
                found.setdefault(owner, set()).add(source.name)
    return found


def test_what_is_imported_is_declared() -> None:
    unknown = {name: places for name, places in third_party(set(ROWS)).items() if name not in BASE | EXTRA}
    assert not unknown, f"add to the base dependencies or to an extra: {unknown}"


def asked_for(tree: ast.Module) -> set[tuple[str, str]]:
    """Distribution and extra of every `MissingExtra` that is made in a module.

    The distribution may be a text, or the variable of a loop over texts.
    """
    loops = {
        loop.target.id: [str(ast.literal_eval(value)) for value in loop.iter.elts]
        for loop in ast.walk(tree)
        if isinstance(loop, ast.For) and isinstance(loop.target, ast.Name)
        if isinstance(loop.iter, ast.Tuple | ast.List)
        if all(isinstance(value, ast.Constant) for value in loop.iter.elts)
    }
    found = set()
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and ast.unparse(call.func).rpartition(".")[2] == "MissingExtra":
            match call.args:
                case [ast.Constant(value=str(name)), ast.Constant(value=str(extra)), *_]:
                    found.add((requirement(name), extra))
                case [ast.Name(id=variable), ast.Constant(value=str(extra)), *_]:
                    found.update((requirement(name), extra) for name in loops.get(variable, []))
    return found


def brought_by(extra: str) -> set[str]:
    """The distributions of an extra, and of the extras that it is made of."""
    brought = set()
    for text in PROJECT["project"]["optional-dependencies"][extra]:
        brought.add(requirement(text))
        if match := re.match(r"accessify\[([a-z0-9,-]+)\]", text):
            brought.update(name for other in match[1].split(",") for name in brought_by(other))
    return brought


def test_what_an_extra_brings_is_asked_for_by_name() -> None:
    """In each module that imports it, so that none relies on another to have asked before.

    Of training, the server and the app, which are made of their extra, the command that loads them asks.
    """
    asks = {source.name: {name for name, _ in asked_for(source.tree)} for source in sources()}
    for name, places in third_party(set(ROWS) - {"evaluation", "training", "server", DEMO.name}).items():
        for place in places if name not in BASE else ():
            assert name in asks[place], f"{place} must raise MissingExtra({name!r}, …) where there is none"


def test_the_extra_that_is_named_brings_what_is_missing() -> None:
    for source in sources():
        for name, extra in asked_for(source.tree):
            assert name in brought_by(extra), f"{source.name}: the extra {extra} does not bring {name}"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("raise MissingExtra('onnx', 'signs')", {("onnx", "signs")}),
        ("raise errors.MissingExtra('mediapipe 1.2 or newer', 'mediapipe') from e", {("mediapipe",) * 2}),
        ("for p in ('a', 'b_c'):\n raise MissingExtra(p, 'x')", {("a", "x"), ("b-c", "x")}),
        ("from accessify.core.errors import MissingExtra\n# MissingExtra('onnx', 'signs')", set()),
        ('def f():\n \'MissingExtra("onnx", "signs")\'', set()),
        ("raise MissingExtra(name, 'signs')", set()),
    ],
)
def test_what_is_asked_for_is_read_from_the_code(text: str, found: set[tuple[str, str]]) -> None:
    assert asked_for(ast.parse(text)) == found


def test_what_is_declared_is_imported() -> None:
    idle = BASE - set(third_party(set(ROWS)))
    assert not idle, f"no module imports {idle}"


def test_the_wheel_holds_every_file_of_the_house(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=120)
    (wheel,) = tmp_path.glob("*.whl")
    packed = {
        name for name in zipfile.ZipFile(wheel).namelist() if name.startswith(("accessify/", f"{DEMO.name}/"))
    }
    here = {
        path.relative_to(top.parent).as_posix()
        for top in (HOUSE, DEMO)
        for path in top.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    measured = {f"accessify_app/benchmarks/{name}.json" for name in ("avatar", "captions", "live", "signs")}
    assert packed == here | {f"accessify/shipped/{name}" for name in SHIPPED} | measured


# The public names


def test_all_is_what_can_be_seen() -> None:
    assert sorted(accessify.__all__) == list(accessify.__all__)
    assert set(accessify.__all__) == {name for name in dir(accessify) if not name.startswith("_")}


def test_type_checkers_see_the_same_names_and_places() -> None:
    (tree,) = [source.tree for source in sources() if source.name == "accessify/__init__.py"]
    (block,) = [
        node for node in tree.body if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
    ]
    seen = {
        alias.asname: node.module
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert seen == dict(accessify._HOMES)


@pytest.mark.parametrize("name", accessify.__all__)
def test_every_public_name_resolves_and_is_documented(name: str) -> None:
    value = getattr(accessify, name)
    assert value.__module__.startswith("accessify.")
    assert value.__name__ == name
    assert value.__doc__


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="transcribble"):
        accessify.transcribble  # noqa: B018 - looking is the test
