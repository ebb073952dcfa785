"""Who may import whom, and what lies where: DESIGN.md's house, kept as it was drawn."""

import ast
import importlib.util
import subprocess
import sys
from itertools import chain

import pytest

from core.engine import PROJECT
from tests.conftest import LONG_SCOPES, scope_of

# A module may import those in the lines above its own, never one beside or below it.
ORDER = [
    [
        *("core.errors", "core.noise", "core.class_pairs"),
        *("core.plane", "core.verification", "core.confusion"),
    ],
    ["core.datasets", "core.npz"],
    ["core.settings", "core.images", "core.image_folder"],
    ["core.config", "core.own_data"],
    ["core.simplex", "core.memory", "core.process", "core.data", "core.losses", "core.model"],
    ["core.messages", "core.training", "core.fetch"],
    ["core.lanes", "core.gradients"],
    ["core.store.tables", "core.session", "core.fetching", "core.sight"],
    ["core.store.results", "core.programs"],
    ["core.store.migrations"],
    ["core.store.database"],
    ["core.store.inside"],
    ["core.pictures"],
    ["core.insight"],
    ["core.store.checkpoints"],
    ["core.store.runs"],
    ["core.store.store"],
    ["core.store"],
    ["core.store.upkeep"],
    ["core.store.__main__"],
    ["core.analysis", "core.comparison", "core.owners", "core.recorder"],
    ["core.watching", "core.breakdown"],
    ["core.engine", "core.observer"],
    ["core", "core.cluster", "core.add_data"],
    ["core.worker", "core.export", "core.export.course", "core.export.settings"],
    ["core.export.records", "core.export.script_data", "core.export.manifest"],
    ["core.export.formats", "core.export.parquet", "core.export.tensorboard", "core.export.intake"],
    ["core.export.hostile", "core.export.script", "core.export.model"],
    ["core.export.bundle", "core.export.mlflow"],
    ["core.export.__main__"],
    [
        "dashboard",
        "dashboard.environment",
        "dashboard.theme",
        "dashboard.guard",
        "dashboard.address",
    ],
    ["dashboard.service", "dashboard.charts", "dashboard.map_charts"],
    ["dashboard.lessons", "dashboard.learn_charts"],
    ["dashboard.state", "dashboard.api", "dashboard.speed", "dashboard.compare_charts"],
    ["dashboard.inside_charts"],
    ["dashboard.seen_charts"],
    [
        *("dashboard.controls", "dashboard.live_view", "dashboard.map_api"),
        *("dashboard.compare_view", "dashboard.export_api", "dashboard.runs_api"),
        *("dashboard.inside_api", "dashboard.inside_view"),
    ],
    ["dashboard.learn_api", "dashboard.learn_view"],
    [
        "dashboard.run_controls",
        "dashboard.map_controls",
        "dashboard.map_view",
        "dashboard.runs_view",
    ],
    ["dashboard.data_controls", "dashboard.compare_controls", "dashboard.runs_controls"],
    ["dashboard.run_sidebar", "dashboard.learn_controls"],
    ["dashboard.views", "dashboard.views.explore", "dashboard.views.map"],
    ["dashboard.views.compare", "dashboard.views.runs", "dashboard.views.inside"],
    ["dashboard.views.learn"],
    ["dashboard.main", "dashboard.app", "dashboard.__main__"],
]
RANK = {module: rank for rank, line in enumerate(ORDER) for module in line}
HEAVY = {
    f"core.{name}"
    for name in (
        *(
            "data",
            "losses",
            "model",
            "training",
            "lanes",
            "insight",
            "observer",
            "breakdown",
            "pictures",
            "session",
            "programs",
            "recorder",
            "cluster",
        ),
        *("fetch", "worker"),
    )
} | {f"core.export.{name}" for name in ("model", "mlflow", "__main__")}
TENSORFLOW = {"tensorflow", "keras", "jax", "torch"}
PAGE = {"streamlit", "plotly", "starlette", "pandas"}
LONG = {
    "core/worker.py": "one loop, and all that a command or a turn may do to a run",
    "core/engine.py": "one class, a third of it docstrings: the public API and the watcher of its "
    "process share a lock",
}


def modules():
    """Path of every module of core/ and dashboard/, by name."""
    found = {}
    for path in chain((PROJECT / "core").rglob("*.py"), (PROJECT / "dashboard").rglob("*.py")):
        parts = path.relative_to(PROJECT).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


MODULES = modules()


def imports(module):
    """Names of the modules that one imports, wherever in it the statement stands."""
    found = set()
    for node in ast.walk(ast.parse(MODULES[module].read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module} imports relatively"
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                found.add(whole if whole in MODULES else node.module)
    return found


def test_every_module_has_its_place():
    assert set(RANK) - set(MODULES) <= {"dashboard.views"}, "these are gone"
    assert set(MODULES) - set(RANK) == set(), "say in ORDER where these stand"
    assert set(MODULES) >= HEAVY


@pytest.mark.parametrize("module", MODULES)
def test_imports_point_one_way(module):
    ours = {name for name in imports(module) if name.split(".")[0] in ("core", "dashboard")}
    for name in ours:
        assert RANK[name] < RANK[module], f"{module} imports {name}"


@pytest.mark.parametrize("module", MODULES)
def test_who_may_import_which_library(module):
    libraries = {name.split(".")[0] for name in imports(module)}
    if module.startswith("core"):
        assert not libraries & PAGE
    if module not in HEAVY:
        assert not libraries & TENSORFLOW
        # Not even by way of another.
        assert not imports(module) & HEAVY


def test_the_heavy_half_is_what_needs_tensorflow():
    # Else a module here could stand in the light half.
    reach = {m for m in HEAVY if imports(m) & TENSORFLOW}
    while more := {m for m in HEAVY if imports(m) & reach} - reach:
        reach |= more
    assert HEAVY - reach == {"core.data"}  # needed by the worker alone, and large


def test_importing_core_loads_no_tensorflow_and_no_page():
    names = sorted(TENSORFLOW | PAGE)
    script = f"import core, sys; print([name for name in {names} if name in sys.modules])"
    answer = subprocess.run(
        [sys.executable, "-c", script],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert answer.stdout.strip() == "[]"


@pytest.mark.parametrize("module", MODULES)
def test_no_module_is_named_like_one_that_python_or_a_library_has(module):
    # `streamlit run dashboard/app.py` puts dashboard/ itself on the path.
    name = module.split(".")[-1]
    if name.startswith("__"):
        return
    assert name not in sys.stdlib_module_names
    if module.count(".") == 1 and module.startswith("dashboard."):
        assert importlib.util.find_spec(name) is None


@pytest.mark.parametrize("module", MODULES)
def test_files_stay_small(module):
    path = MODULES[module].relative_to(PROJECT).as_posix()
    lines = len(MODULES[module].read_text(encoding="utf-8").splitlines())
    assert lines <= (400 if path in LONG else 300), "split it, or say in LONG why not"
    assert path not in LONG or lines > 300, "it needs no reason any more"


def test_other_sources_stay_small():
    for path in (PROJECT / "dashboard").rglob("*.js"):
        assert len(path.read_text(encoding="utf-8").splitlines()) <= 400, path.name


def test_the_tests_that_are_taken_first_are_there():
    files = (PROJECT / "tests").rglob("test_*.py")
    scopes = {scope_of(path.relative_to(PROJECT).as_posix()) for path in files}
    assert set(LONG_SCOPES) <= scopes


def test_the_top_level_is_what_the_readme_shows():
    found = {path.name for path in PROJECT.iterdir() if not path.name.startswith((".", "__"))}
    assert found == {"README.md", "requirements.txt", "core", "dashboard", "tests"}


def test_no_source_names_a_place_of_one_machine():
    for path in chain((PROJECT / "core").rglob("*.*"), (PROJECT / "dashboard").rglob("*.*")):
        if path.suffix in (".py", ".js", ".toml", ".md"):
            text = path.read_text(encoding="utf-8")
            for place in ("/home/", "/root/", "/Users/", "/tmp/", "C:\\"):
                assert place not in text, f"{path.name} names {place}"


def test_there_is_no_drawer_for_everything():
    names = {module.split(".")[-1] for module in MODULES}
    assert not names & {"utils", "util", "helpers", "misc", "common"}
