"""Who may import whom, folder by folder: the house of DESIGN.md, held as it was drawn.

`ROOMS` is the table. A room is a folder with all that lies in it, or a file that stands alone at
the top of `core/` or `dashboard/`; of two rooms that hold a file, the inner one counts. Python
and JavaScript are read by the same table.
"""

import ast
import importlib.util
import re
import subprocess
import sys
from functools import cache
from itertools import chain, product
from pathlib import Path, PurePosixPath

import pytest

from tests.scopes import LONG_SCOPES, scope_of

PROJECT = Path(__file__).resolve().parent.parent

# What most pages import of the client: all but what runs beside Streamlit.
CLIENT = "client client/asking client/drawing client/saying client/telling"
# The rooms that each room may import, beside itself.
ROOMS = {
    # The light half of core: no TensorFlow.
    "core/errors.py": "",
    "core/places.py": "",
    "core/data": "errors places",
    "core/run": "errors",
    "core/problems": "errors data run",
    "core/store": "errors run problems",
    "core/analysis": "errors run problems store",
    "core/problems/siamese/seen.py": "run problems analysis",
    "core/problems/seen.py": "run problems problems/siamese/seen",
    "core/engine": "errors places run problems store",
    "core/__init__.py": "errors run problems store engine",
    # The heavy half, which is loaded in processes of its own.
    "core/quiet.py": "",
    "core/problems/making": "errors run quiet problems",
    "core/problems/siamese/losses.py": "problems",
    "core/problems/siamese/model.py": "run problems",
    "core/problems/siamese/look.py": "problems/making problems/siamese/seen",
    "core/problems/siamese/problem.py": "problems problems/making problems/siamese/losses "
    "problems/siamese/model",
    "core/problems/detector/align.py": "problems",
    "core/problems/detector/look.py": "problems problems/making",
    "core/problems/detector/losses.py": "",
    "core/problems/detector/metrics.py": "problems problems/detector/losses",
    "core/problems/detector/model.py": "problems problems/detector/align",
    "core/problems/detector/problem.py": "problems problems/making problems/detector/losses "
    "problems/detector/metrics problems/detector/model",
    "core/problems/autoencoder/losses.py": "",
    "core/problems/autoencoder/metrics.py": "",
    "core/problems/autoencoder/model.py": "problems",
    "core/problems/autoencoder/view.py": "problems problems/making",
    "core/problems/autoencoder/problem.py": "problems problems/making "
    "problems/autoencoder/losses problems/autoencoder/metrics problems/autoencoder/model",
    "core/problems/build.py": "errors run problems problems/making problems/siamese/look "
    "problems/siamese/model problems/siamese/problem problems/detector/look "
    "problems/detector/problem problems/autoencoder/view problems/autoencoder/problem",
    "core/problems/__main__.py": "errors run problems problems/making training",
    "core/training": "run quiet problems/making problems/build",
    "core/inside": "errors data run store analysis quiet problems/making training",
    "core/worker": "errors data run store quiet problems problems/siamese/problem training inside",
    # What is taken away; all but the trained models is light.
    "core/export": "errors data run problems store",
    "core/export/models": "errors run store export quiet problems problems/making problems/build "
    "problems/siamese/model training",
    "core/export/__main__.py": "errors places problems problems/making store export models",
    # The page.
    "dashboard/__init__.py": "",
    "dashboard/environment.py": "",
    "dashboard/gate": "run",
    "dashboard/given.py": "environment",
    "dashboard/__main__.py": "environment given gate",
    "dashboard/theme.py": "run analysis",
    "dashboard/address.py": "errors run problems",
    "dashboard/plain_text.py": "",
    "dashboard/service.py": "places store engine",
    "dashboard/state": "errors run problems service address gate plain_text",
    "dashboard/client": "run problems gate state",
    "dashboard/client/beside": "",
    "dashboard/client/saying": "",
    "dashboard/client/drawing": "client/saying",
    "dashboard/client/telling": "client",
    "dashboard/client/asking": "client client/telling",
    "dashboard/charts": "run plain_text theme client client/asking client/drawing client/saying",
    "dashboard/api": "errors places data run problems problems/seen store analysis engine export "
    "gate service client charts",
    "dashboard/steering": "errors data run problems service state address plain_text theme client "
    "client/asking client/drawing client/telling",
    "dashboard/explore": f"run problems theme state {CLIENT} charts steering",
    "dashboard/map": "errors data run problems analysis engine service state plain_text theme "
    f"{CLIENT} charts steering",
    "dashboard/compare": f"errors run problems analysis service state plain_text theme {CLIENT} "
    "charts",
    "dashboard/inside": f"run state plain_text theme {CLIENT} charts steering",
    "dashboard/runs": f"errors run store export service state plain_text {CLIENT} steering theme",
    "dashboard/learn/figures": f"problems analysis theme {CLIENT} charts",
    "dashboard/learn": "run problems service state theme client client/drawing client/saying "
    "client/telling steering learn/figures",
    "dashboard/main.py": "errors plain_text theme state",
    "dashboard/app.py": "errors service state gate client api",
}
HEAVY = (
    *("core/quiet.py", "core/problems/making", "core/problems/build.py"),
    "core/problems/__main__.py",
    *(f"core/problems/siamese/{name}.py" for name in ("look", "losses", "model", "problem")),
    *(
        f"core/problems/detector/{name}.py"
        for name in ("align", "look", "losses", "metrics", "model", "problem")
    ),
    *(
        f"core/problems/autoencoder/{name}.py"
        for name in ("losses", "metrics", "model", "view", "problem")
    ),
    *("core/training", "core/inside", "core/worker"),
    *("core/export/models", "core/export/__main__.py"),
)
PAGES = ("explore", "map", "compare", "inside", "runs", "learn")
TENSORFLOW = {"tensorflow", "keras", "jax", "torch"}
PAGE = {"streamlit", "plotly", "starlette", "pandas"}


def sources(*endings):
    """Paths of the product's source files with these endings, relative to the project."""
    found = chain(*((PROJECT / half).rglob("*.*") for half in ("core", "dashboard")))
    return sorted(
        path.relative_to(PROJECT).as_posix()
        for path in found
        if path.suffix in endings and "__pycache__" not in path.parts
    )


SOURCES = sources(".py", ".js")
PYTHON = [path for path in SOURCES if path.endswith(".py")]


def room_of(path):
    """The innermost room that a file is in; None if it is in none."""
    around = [path, *map(str, PurePosixPath(path).parents)]
    return next((place for place in around if place in ROOMS), None)


def allowed(room):
    """The rooms that a room may import: those of its own half, or else of `core`."""
    half = room.split("/")[0]
    found = set()
    for name in ROOMS[room].split():
        names = [f"{part}/{name}{end}" for part in (half, "core") for end in ("", ".py")]
        names += [f"core/export/{name}"]
        found.add(next(place for place in names if place in ROOMS))
    return found


def file_of(module):
    """The file of a module of ours; None if it is not one."""
    path = module.replace(".", "/")
    return next((f for f in (f"{path}.py", f"{path}/__init__.py") if f in PYTHON), None)


@cache
def libraries(path):
    """Names of all modules that a Python file imports, wherever in it the statement stands."""
    found = set()
    for node in ast.walk(ast.parse((PROJECT / path).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively"
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                found.add(whole if file_of(whole) else node.module)
    return found


SPECIFIER = re.compile(r"""(?:\bfrom|\bimport\b)\s*\(?\s*["'`](\.{1,2}/[^"'`]+)["'`]""")
# What the server makes, by the place where a script asks for it.
MADE = re.compile(r"dashboard/(plotly\.min|charts/figures-\$\{[\w.]+\})\.js")


@cache
def imports(path):
    """The files of ours that a file imports."""
    if path.endswith(".py"):
        return {file for file in map(file_of, libraries(path)) if file}
    here = (PROJECT / path).parent
    text = (PROJECT / path).read_text(encoding="utf-8")
    found = set()
    for specifier in SPECIFIER.findall(text):
        target = (here / specifier).resolve().relative_to(PROJECT).as_posix()
        if MADE.fullmatch(target):
            continue
        assert target in SOURCES, f"{path} imports {specifier}, and there is no such file"
        found.add(target)
    return found


def test_every_file_is_in_a_room():
    assert [path for path in SOURCES if room_of(path) is None] == []
    empty = {room for room in ROOMS if not any(room_of(path) == room for path in SOURCES)}
    assert empty == set(), "a room opens when its first inhabitant comes"


@pytest.mark.parametrize("path", SOURCES)
def test_a_file_imports_only_what_its_room_may(path):
    room = room_of(path)
    for other in map(room_of, imports(path)):
        assert other == room or other in allowed(room), f"{path}: {room} imports {other}"


@pytest.mark.parametrize("room", ROOMS)
def test_each_arrow_is_used_by_somebody(room):
    used = {room_of(other) for path in SOURCES if room_of(path) == room for other in imports(path)}
    assert allowed(room) - used == set(), "strike these from the table"


def is_circle(arrows):
    """Whether these arrows, a set of ends by their beginning, lead back to where one began."""
    left = dict(arrows)
    while free := [place for place, ends in left.items() if not ends & left.keys()]:
        for place in free:
            del left[place]
    return sorted(left)


def test_rooms_are_in_an_order():
    assert is_circle({room: allowed(room) for room in ROOMS}) == []


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_has_no_circle_inside(room):
    own = {path for path in SOURCES if room_of(path) == room}
    assert is_circle({path: imports(path) & own for path in own}) == []
    # Nor one of folders. What lies beside them is what they share, and what puts them together.
    inner = {path: str(PurePosixPath(path).parent) for path in own}
    inner = {path: folder for path, folder in inner.items() if folder != room}
    arrows = {folder: set() for folder in inner.values()}
    for path, folder in inner.items():
        arrows[folder] |= {inner[other] for other in imports(path) & inner.keys()} - {folder}
    assert is_circle(arrows) == []


def test_a_page_imports_no_page():
    both = product(ROOMS, PAGES)
    rooms = {room: page for room, page in both if f"{room}/".startswith(f"dashboard/{page}/")}
    for room, page in rooms.items():
        assert {rooms[other] for other in allowed(room) & rooms.keys()} <= {page}, room


@pytest.mark.parametrize("path", PYTHON)
def test_who_may_import_which_library(path):
    used = {name.split(".")[0] for name in libraries(path)}
    if path.startswith("core/"):
        assert not used & PAGE
    if room_of(path) not in HEAVY:
        assert not used & TENSORFLOW


def test_the_page_and_the_light_half_import_no_heavy_room():
    for room in ROOMS:
        if room not in HEAVY:
            assert not allowed(room) & set(HEAVY), room


def test_the_heavy_half_is_what_needs_tensorflow():
    # Else a room here could stand in the light half.
    reach = {room_of(path) for path in PYTHON if libraries(path) & TENSORFLOW}
    while more := {room for room in ROOMS if allowed(room) & reach} - reach:
        reach |= more
    assert reach == set(HEAVY)


@pytest.mark.parametrize("room", [room for room in HEAVY if not room.endswith(".py")])
def test_a_heavy_room_loads_tensorflow_without_its_notices_at_the_door(room):
    statements = ast.parse((PROJECT / room / "__init__.py").read_text(encoding="utf-8")).body
    load = "from core.quiet import load_tensorflow\nload_tensorflow()"
    assert "\n".join(map(ast.unparse, statements[1:3])) == load


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


def test_a_room_says_at_its_door_what_it_is_for():
    for folder in {(PROJECT / path).parent for path in SOURCES}:
        door = ast.parse((folder / "__init__.py").read_text(encoding="utf-8"))
        assert ast.get_docstring(door), folder


@pytest.mark.parametrize("path", PYTHON)
def test_no_module_is_named_like_one_that_python_or_a_library_has(path):
    # `streamlit run dashboard/app.py` puts dashboard/ itself on the path.
    name = PurePosixPath(path).parent.name if path.endswith("__init__.py") else Path(path).stem
    if name.startswith("__"):
        return
    assert name not in sys.stdlib_module_names or path.count("/") > 1
    if path.startswith("dashboard/") and path.count("/") == (2 if "__init__" in path else 1):
        assert importlib.util.find_spec(name) is None


@pytest.mark.parametrize("path", PYTHON)
def test_files_stay_small(path):
    lines = len((PROJECT / path).read_text(encoding="utf-8").splitlines())
    assert lines <= 300, "split it"


def test_other_sources_stay_small():
    for path in sources(".js"):
        assert len((PROJECT / path).read_text(encoding="utf-8").splitlines()) <= 400, path


def test_the_tests_that_are_taken_first_are_there():
    files = (PROJECT / "tests").rglob("test_*.py")
    scopes = {scope_of(path.relative_to(PROJECT).as_posix()) for path in files}
    assert set(LONG_SCOPES) <= scopes


TESTS = sorted(path.relative_to(PROJECT).as_posix() for path in (PROJECT / "tests").rglob("*.py"))


@pytest.mark.parametrize("path", TESTS)
def test_no_test_imports_another(path):
    # Nor a conftest: what is shared there are fixtures, which come by their names.
    statements = re.findall(r"^ *(?:from|import) .*", (PROJECT / path).read_text(), re.MULTILINE)
    others = [line for line in statements if re.search(r"\btest_\w+|\bconftest\b", line)]
    assert others == [], "what they share is a fixture, or stands in a module without tests"


def test_the_top_level_is_what_the_readme_shows():
    found = {path.name for path in PROJECT.iterdir() if not path.name.startswith((".", "__"))}
    assert found == {"README.md", "requirements.txt", "core", "dashboard", "tests"}


def test_no_source_names_a_place_of_one_machine():
    for path in sources(".py", ".js", ".toml", ".md"):
        text = (PROJECT / path).read_text(encoding="utf-8")
        for place in ("/home/", "/root/", "/Users/", "/tmp/", "C:\\"):
            assert place not in text, f"{path} names {place}"


def test_heads_of_the_first_problem_are_named_in_its_folder_and_in_the_lessons_alone():
    places = ("core/problems/siamese/", "dashboard/learn/")
    for path in sources(".py", ".js", ".css", ".json", ".md"):
        if not path.startswith(places):
            text = (PROJECT / path).read_text(encoding="utf-8")
            assert re.findall(r"ctg_out|bin_out", text) == [], path


def test_there_is_no_drawer_for_everything():
    names = {Path(path).stem for path in SOURCES} | {Path(path).parent.name for path in SOURCES}
    assert not names & {"utils", "util", "helpers", "misc", "common"}
