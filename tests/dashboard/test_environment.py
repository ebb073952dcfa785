"""The two commands' set-up: which interpreter, which options, which browser."""

import os
import shutil
import socket
import subprocess
import sys
import threading
import webbrowser
from importlib import metadata

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.specifiers import SpecifierSet
from PIL import Image

from dashboard import __main__ as command_line
from dashboard import environment
from dashboard.environment import PROJECT, Venv, is_satisfied, is_within, python_with
from tests.browser import chromium
from tests.waiting import has_ended, until

RELEASES = st.lists(st.integers(0, 3), min_size=1, max_size=4).map(lambda n: ".".join(map(str, n)))


# Requirements


@given(RELEASES, st.sampled_from(["==", "!=", "<=", ">=", "<", ">", "~="]), RELEASES)
def test_bounds_mean_what_the_packaging_library_says(version, operator, limit):
    if operator == "~=" and "." not in limit:
        limit += ".0"  # the standard wants two numbers here
    assert is_within(version, operator + limit) == (version in SpecifierSet(operator + limit))


@given(RELEASES, st.sampled_from(["==", "!="]), RELEASES)
def test_so_do_series(version, operator, limit):
    bound = f"{operator}{limit}.*"
    assert is_within(version, bound) == (version in SpecifierSet(bound))


@pytest.mark.parametrize(
    ("requirement", "expected"),
    [
        ("thing", True),
        ("thing>=2.1,<3", True),
        ("thing >= 2.1, < 3", True),
        ("thing[extra,other]~=2.4", True),
        ('thing==2.4.6; python_version >= "3"', True),
        ("thing>=2.5", False),
        ("thing>=2,<2.4", False),
        ("thing>=2.4rc1", False),  # not understood, so left to pip
        ("thing @ https://example.org/thing.whl", False),
        ("--no-binary thing", False),
        ("missing", False),
        ("torn", False),
    ],
)
def test_a_requirement_is_looked_up(requirement, expected, monkeypatch):
    versions = {"thing": "2.4.6+cpu", "torn": None}  # None: as of a package cut short by a kill

    def version(name):
        if name not in versions:
            raise metadata.PackageNotFoundError(name)
        return versions[name]

    monkeypatch.setattr(metadata, "version", version)
    assert is_satisfied(requirement) is expected


def test_included_files_and_comments_are_read(tmp_path):
    (tmp_path / "tests").mkdir()
    (tmp_path / "base.txt").write_text("# why\nnumpy>=2  # and why\n\n")
    (tmp_path / "tests" / "all.txt").write_text("-r ../base.txt\npytest\n")
    assert environment.read_requirements(tmp_path / "tests" / "all.txt") == ["numpy>=2", "pytest"]


def test_our_own_requirements_are_understood():
    tests = environment.read_requirements(PROJECT / "tests" / "requirements.txt")
    # These tests run where pip has installed exactly that.
    assert [line for line in tests if not is_satisfied(line)] == []
    assert set(environment.read_requirements(PROJECT / "requirements.txt")) < set(tests)


# The project's own environment


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A project that lacks its libraries, with a pip that only says what it was asked."""
    (tmp_path / "tests").mkdir()
    (tmp_path / "requirements.txt").write_text("missing-a>=1\nmissing-b\n")
    (tmp_path / "tests" / "requirements.txt").write_text("-r ../requirements.txt\nmissing-c\n")

    class Project:
        folder, venv, log, status = tmp_path, Venv(tmp_path / ".venv"), [], 0

        def start(self, name="requirements.txt"):
            """Start one of the commands; return what it did, and check what it says."""
            self.log.clear()
            assert python_with(tmp_path / name) == str(self.venv.python)
            return self.log

    project = Project()

    def make(venv):
        project.log.append("make")
        shutil.rmtree(venv.folder, ignore_errors=True)
        venv.python.parent.mkdir(parents=True)
        venv.python.touch()
        venv.unfinished.touch()

    def pip(venv, *arguments):
        project.log.append(os.path.relpath(arguments[-1], tmp_path).replace(os.sep, "/"))
        return project.status

    monkeypatch.setattr(environment, "PROJECT", tmp_path)
    monkeypatch.setattr(Venv, "make", make)
    monkeypatch.setattr(Venv, "pip", pip)
    monkeypatch.setattr(Venv, "works", lambda venv: venv.python.exists())
    return project


def test_an_interpreter_that_has_all_is_taken(project):
    (project.folder / "requirements.txt").write_text("pytest\n")
    assert python_with(project.folder / "requirements.txt") == sys.executable
    assert not project.venv.folder.exists()


def test_the_first_start_installs_and_the_second_does_not(project):
    assert project.start() == ["make", "requirements.txt"]
    assert project.start() == []


def test_the_tests_libraries_are_added_to_the_dashboards(project):
    project.start()
    assert project.start("tests/requirements.txt") == ["tests/requirements.txt"]
    assert project.start("tests/requirements.txt") == []
    assert project.start() == []


def test_the_tests_libraries_include_the_dashboards(project):
    assert project.start("tests/requirements.txt") == ["make", "tests/requirements.txt"]
    assert project.start() == []


def test_a_changed_requirement_is_installed_and_so_is_its_return(project):
    file = project.folder / "requirements.txt"
    before = file.read_text()
    project.start("tests/requirements.txt")
    file.write_text(before.replace(">=1", ">=2"))
    assert project.start() == ["requirements.txt"]
    file.write_text(before)
    assert project.start("tests/requirements.txt") == ["tests/requirements.txt"]


def test_a_changed_comment_is_not_a_changed_requirement(project):
    project.start()
    file = project.folder / "requirements.txt"
    file.write_text("# a reason\n" + file.read_text())
    assert project.start() == []


def test_another_version_of_python_starts_anew(project, monkeypatch):
    project.start()
    monkeypatch.setattr(sys, "version_info", (3, 12 if sys.version_info[1] != 12 else 13, 0))
    monkeypatch.setattr(Venv, "works", lambda venv: False)
    assert project.start() == ["make", "requirements.txt"]


def test_a_lost_interpreter_is_made_again(project):
    project.start()
    project.venv.python.unlink()
    assert project.start() == ["make", "requirements.txt"]


@pytest.mark.parametrize("killed", [-9, KeyboardInterrupt])
def test_an_installation_that_was_killed_is_made_again(project, killed, monkeypatch):
    project.start()
    pip = Venv.pip

    def die(venv, *arguments):
        if isinstance(killed, int):
            return killed
        raise killed

    monkeypatch.setattr(Venv, "pip", die)
    with pytest.raises(SystemExit):
        project.start("tests/requirements.txt")
    monkeypatch.setattr(Venv, "pip", pip)
    assert project.start() == ["make", "requirements.txt"]
    assert project.start("tests/requirements.txt") == ["tests/requirements.txt"]


def test_a_failed_installation_is_told_and_leaves_what_worked(project):
    project.start()
    project.status = 1
    with pytest.raises(SystemExit, match="network") as told:
        project.start("tests/requirements.txt")
    assert isinstance(told.value.code, str)  # which Python prints, and leaves with 1
    assert project.start() == []
    project.status = 0
    assert project.start("tests/requirements.txt") == ["tests/requirements.txt"]


def test_an_environment_made_by_hand_is_kept(project):
    project.venv.python.parent.mkdir(parents=True)
    project.venv.python.touch()
    assert project.start() == ["requirements.txt"]


def test_a_python_without_wheels_is_told(project, monkeypatch):
    monkeypatch.setattr(environment, "NEWEST", (3, 10))
    with pytest.raises(SystemExit, match=r"libraries need Python 3\.11 to 3\.10"):
        project.start()


def test_a_missing_ensurepip_is_told(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "ensurepip", None)
    with pytest.raises(SystemExit, match="apt-get install python3-venv"):
        Venv(tmp_path / ".venv").make()


def test_a_folder_that_cannot_be_written_is_told(project, monkeypatch):
    monkeypatch.setattr(environment, "PROJECT", project.folder / "requirements.txt")
    with pytest.raises(SystemExit, match="folder you may write to"):
        python_with(project.folder / "requirements.txt")


HOLD_A_LOCK = """
import sys
from dashboard.environment import one_at_a_time
with one_at_a_time(sys.argv[1]):
    print("held", flush=True)
    input()
"""


def test_the_lock_is_held_by_one_and_freed_by_a_kill(tmp_path):
    with subprocess.Popen(
        [sys.executable, "-c", HOLD_A_LOCK, str(tmp_path / "lock")],
        cwd=PROJECT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as holder:
        assert holder.stdout.readline().strip() == b"held"
        with (tmp_path / "lock").open("ab") as file:
            assert not environment.take(file)
            holder.kill()
            holder.wait()
            assert environment.take(file)


# python3 -m dashboard


@pytest.fixture
def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def start(tmp_path):
    """Run `python3 -m dashboard` in a copy that has neither libraries nor a list of them."""
    shutil.copytree(PROJECT / "dashboard", tmp_path / "copy" / "dashboard")

    def start(*arguments):
        return subprocess.run(
            [sys.executable, "-S", "-E", "-m", "dashboard", *map(str, arguments)],
            cwd=tmp_path / "copy",
            capture_output=True,
            text=True,
            check=False,
            timeout=30,
        )

    return start


def test_help_answers_without_libraries(start):
    answer = start("--help")
    assert answer.returncode == 0
    for option in ("--port", "--address", "--allow-host", "--store", "--no-token", "--open"):
        assert option in answer.stdout


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--port", "0"),
        ("--port", "65536"),
        ("--port", "http"),
        ("--address", ""),
        ("--address", "203.0.113.7"),  # kept for documentation: nobody's address
        ("--address", "http://localhost"),
        ("--allow-host", "http://lab.example.org"),
        ("--allow-host", "lab.example.org:8501"),
        ("--allow-host", "a,b"),
        ("--allow-host", "*"),
        ("--store", "."),
        ("--store", __file__),
        ("--data", "of/no/kind.npz"),
    ],
)
def test_a_bad_value_is_told_in_a_sentence(start, free_port, option, value):
    answer = start("--no-browser", "--port", free_port, option, value)
    assert answer.returncode == 2
    assert f"error: argument {option}: " in answer.stderr
    assert "Traceback" not in answer.stderr


def test_a_taken_port_is_told_with_the_remedy(start):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        answer = start("--no-browser", "--port", port)
    assert answer.returncode == 1
    assert f"Port {port} is in use" in answer.stderr
    assert "--port" in answer.stderr
    assert not answer.stderr.startswith("usage")


@pytest.fixture
def launch(tmp_path, monkeypatch):
    """Run the command up to where it becomes the server; return that server's command."""
    monkeypatch.setenv("EXPLORER_STORE", "")  # so that monkeypatch puts both back
    for name in ("ALLOWED_HOSTS", "TOKEN", "TEACHER", "OPEN"):
        monkeypatch.setenv(f"EXPLORER_{name}", "")
    monkeypatch.chdir(tmp_path)
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER"):
        monkeypatch.delenv(name, raising=False)
    became, opened = [], []
    monkeypatch.setattr(command_line, "python_with", lambda file: f"python for {file.name}")
    monkeypatch.setattr(command_line, "become", lambda *command: became.extend(command))
    monkeypatch.setattr(command_line, "open_page_later", opened.append)

    def launch(*arguments):
        monkeypatch.setattr(
            sys, "argv", ["dashboard", "--store", "runs.sqlite", *map(str, arguments)]
        )
        command_line.main()
        return became, opened

    return launch


def test_the_server_is_told_all(launch, free_port, tmp_path, capsys):
    command, opened = launch(
        *("--port", free_port, "--address", "127.0.0.1", "--store", "new/runs.sqlite"),
        *("--allow-host", "lab.example.org", "--allow-host", "2001:DB8::1", "--no-browser"),
    )
    assert command[:4] == ["python for requirements.txt", "-m", "streamlit", "run"]
    assert os.environ["EXPLORER_STORE"] == str(tmp_path / "new" / "runs.sqlite")
    # As Starlette's middleware wants them: lower case, brackets around IPv6.
    hosts = ["localhost", "127.0.0.1", "[::1]", "lab.example.org", "[2001:db8::1]"]
    assert os.environ["EXPLORER_ALLOWED_HOSTS"].split(",") == hosts
    assert opened == []
    assert f"http://127.0.0.1:{free_port}" in capsys.readouterr().out

    # Streamlit itself reads the options back.
    show = [sys.executable, "-m", "streamlit", "config", "show", *command[5:]]
    shown = subprocess.run(show, capture_output=True, text=True, check=True, timeout=60).stdout
    assert f"\nport = {free_port}\n" in shown
    assert '\naddress = "127.0.0.1"\n' in shown
    assert "\nheadless = true\n" in shown
    assert "\ngatherUsageStats = false\n" in shown
    assert "2001:db8::1" in shown


def test_images_of_ones_own_are_added_before_the_server_starts(
    launch, free_port, tmp_path, capfd, monkeypatch
):
    monkeypatch.setattr(command_line, "python_with", lambda file: sys.executable)
    x = np.random.default_rng(0).integers(256, size=(8, 4, 4), dtype=np.uint8)
    np.savez(tmp_path / "good.npz", x=x, y=np.arange(8) % 2)
    np.savez(tmp_path / "bad.npz", x=x, y=np.arange(8))
    command, _ = launch("--port", free_port, "--data", "good.npz")
    assert command[:3] == [sys.executable, "-m", "streamlit"]
    (kept,) = (tmp_path / "data").iterdir()
    assert f"8 images of 2 classes were added as {kept.stem}." in capfd.readouterr().out
    command.clear()
    with pytest.raises(SystemExit) as left:
        launch("--port", free_port, "--data", "good.npz", "--data", "bad.npz")
    assert (left.value.code, command) == (1, [])
    assert capfd.readouterr().err.startswith("The class '0' has 1 different images")


def test_images_that_are_broken_are_left_out_if_that_is_wanted(
    launch, free_port, tmp_path, capfd, monkeypatch
):
    monkeypatch.setattr(command_line, "python_with", lambda file: sys.executable)
    rng = np.random.default_rng(0)
    for i in range(10):
        path = tmp_path / "pets" / "ab"[i % 2] / f"{i}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(rng.integers(256, size=(4, 4), dtype=np.uint8)).save(path)
    path.write_bytes(b"")
    with pytest.raises(SystemExit):
        launch("--port", free_port, "--data", "pets")
    assert "leave it out with --leave-out-broken" in capfd.readouterr().err
    launch("--port", free_port, "--data", "pets", "--leave-out-broken")
    assert "9 images of 2 classes were added as pets-2c-4x4x1-" in capfd.readouterr().out


@pytest.mark.parametrize(
    ("options", "host", "path"),
    [
        (("--address", "127.0.0.1"), "127.0.0.1", ""),
        (("--address", "0.0.0.0"), "localhost", ""),
        (("--base-path", "/user/ada@example.org/"), "127.0.0.1", "/user/ada@example.org"),
    ],
)
def test_the_page_is_opened_where_browsers_can_reach_it(
    launch, free_port, options, host, path, monkeypatch, capsys
):
    monkeypatch.setenv("DISPLAY", ":0")
    (opened,) = launch("--port", free_port, *options)[1]
    teacher = os.environ["EXPLORER_TEACHER"]
    assert opened == f"http://{host}:{free_port}{path}/?teacher={teacher}"
    assert opened in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "token", "is_open", "told"),
    [
        ((), False, False, []),
        (("--address", "127.0.0.2"), False, False, []),
        (("--address", "localhost"), False, False, []),
        (("--no-token",), False, False, []),
        (("--open",), False, True, ["--open: whoever comes in may steer"]),
        (("--address", "0.0.0.0"), True, False, []),
        (
            ("--address", "0.0.0.0", "--no-token", "--open"),
            *(False, True, ["--no-token: whoever reaches this port", "--open: whoever comes in"]),
        ),
    ],
)
def test_the_links_let_in_whom_the_options_say(
    launch, free_port, options, token, is_open, told, capsys
):
    printed = []
    for _ in range(2):
        launch("--port", free_port, *options)
        printed.append(capsys.readouterr().out.splitlines())
        page, teachers, *warned = printed[-1]
        link = page.removeprefix("Loss-Weight Explorer: ").removesuffix(" (Ctrl+C stops it)")
        assert link.partition("?token=")[2] == os.environ["EXPLORER_TOKEN"]
        assert bool(os.environ["EXPLORER_TOKEN"]) == token
        assert teachers.endswith(f":{free_port}/?teacher={os.environ['EXPLORER_TEACHER']}")
        assert len(os.environ["EXPLORER_TEACHER"]) == 32  # 24 random bytes
        assert bool(os.environ["EXPLORER_OPEN"]) == is_open
        assert [line[: len(start)] for line, start in zip(warned, told, strict=True)] == told
    assert printed[0][1] != printed[1][1], "each start makes new ones"


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="others always have a display")
def test_no_page_is_opened_without_a_display(launch, free_port):
    assert launch("--port", free_port)[1] == []


def test_the_page_is_opened_once_the_server_answers(free_port, monkeypatch):
    opened, attempts, connect = [], [], socket.create_connection

    def counted(*arguments, **options):
        attempts.append(arguments)
        return connect(*arguments, **options)

    monkeypatch.setattr(webbrowser, "open", opened.append)
    monkeypatch.setattr(socket, "create_connection", counted)
    url = f"http://127.0.0.1:{free_port}"
    waiting = threading.Thread(target=command_line.open_page, args=(url,))
    waiting.start()
    until(lambda: len(attempts) >= 3)
    assert opened == []
    with socket.create_server(("127.0.0.1", free_port)):
        waiting.join(10)
    assert opened == [url]


def test_no_page_is_opened_if_the_server_never_answers(free_port, monkeypatch):
    monkeypatch.setattr(webbrowser, "open", lambda url: pytest.fail("opened"))
    command_line.open_page(f"http://127.0.0.1:{free_port}", patience=0.3)


# The browser for the tests


@pytest.fixture
def programs(tmp_path, monkeypatch):
    """A PATH on which only the shell scripts are that a test puts there."""
    if os.name == "nt":
        pytest.skip("needs a POSIX shell")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(chromium, "find_playwrights", lambda: None)

    def put(name, script):
        path = tmp_path / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
        return str(path)

    return put


def test_a_browser_that_only_says_how_to_get_one_is_passed_over(programs):
    programs("chromium-browser", "echo install the snap >&2; exit 1")
    assert chromium.find() is None
    chrome = programs("google-chrome", "exit 0")
    assert chromium.find() == chrome


APT_GET = """
[ "$1" = --version ] || echo "$@" >> {folder}/log
case "$*" in
    *fonts*) exit 100 ;;
    install*) /bin/cp {folder}/apt-get {folder}/chromium ;;
esac
"""


def test_debians_browser_is_installed_where_playwrights_is_not_to_be_had(
    programs, tmp_path, monkeypatch
):
    monkeypatch.setattr(sys, "executable", programs("python", "exit 1"))
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    # This apt-get knows no such fonts, and its Chromium is a script.
    programs("apt-get", APT_GET.format(folder=tmp_path))
    assert chromium.install() == str(tmp_path / "chromium")
    update, with_fonts, without = (tmp_path / "log").read_text().splitlines()
    assert update == "update"
    assert "chromium fonts-noto-cjk" in with_fonts
    assert without.endswith(" chromium")


def test_only_root_uses_apt(programs, tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "executable", programs("python", "exit 1"))
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    programs("apt-get", APT_GET.format(folder=tmp_path))
    assert chromium.install() is None
    assert not (tmp_path / "log").exists()


def test_what_takes_too_long_is_ended_with_all_it_started(programs, tmp_path):
    started = tmp_path / "started"
    slow = programs("slow", f"/bin/sleep 600 & echo $! > {started}; wait")
    assert not chromium.run(slow, seconds=2)
    child = int(started.read_text())
    until(lambda: has_ended(child))
