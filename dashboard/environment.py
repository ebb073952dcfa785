"""The interpreter that has the libraries: this one, or that of the project's `.venv`.

Standard library only, and plain enough for an old Python to read, since this is what
tells its user that it is too old.
"""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent

OLDEST, NEWEST = (3, 11), (3, 13)  # Streamlit 1.67 needs 3.11; TensorFlow 2.21 ends at 3.13

REQUIREMENT = re.compile(r"(?P<name>[\w.-]+)\s*(\[[^\]]*\])?\s*(?P<bounds>[^;@]*)(;.*)?")
BOUND = re.compile(r"(?P<operator>~=|==|!=|<=|>=|<|>)\s*(?P<version>\d+(\.\d+)*)(?P<any>\.\*)?")


def python_with(requirements):
    """Find an interpreter that has what a requirements file names, or make one.

    This interpreter, if it has everything; else that of `.venv`, which is first made,
    completed or repaired where needed. That takes minutes and a network, and is done
    by one process at a time; a second one waits.

    Args:
        requirements: Path of the requirements file; the files it includes count too.

    Returns:
        The interpreter's path, a string.

    Raises:
        SystemExit: With a sentence that says what failed and what to do.
    """
    if not OLDEST <= sys.version_info[:2] <= NEWEST:
        raise SystemExit(
            "This is Python {}.{}, and the libraries need Python {}.{} to {}.{}. Install one of "
            "those and start with it, for example with python{}.{} in place of python3.".format(
                *sys.version_info[:2], *OLDEST, *NEWEST, *NEWEST
            )
        )
    wanted = read_requirements(requirements)
    if all(map(is_satisfied, wanted)):
        return sys.executable
    venv = Venv(PROJECT / ".venv")
    if not venv.has(wanted):
        try:
            with one_at_a_time(PROJECT / ".venv.lock"):
                if not venv.has(wanted):  # or else another process has just done it
                    venv.install(requirements, wanted)
        except KeyboardInterrupt:
            raise SystemExit("Stopped while installing; the next start begins again.") from None
        except OSError as error:
            raise SystemExit(
                f"The libraries could not be put into {venv.folder}: {error}. Move the project "
                "to a folder you may write to, on a disk with 4 GB free, and start again."
            ) from None
    return str(venv.python)


def read_requirements(path):
    """List the requirements in a file, and in those it includes with `-r`."""
    requirements = []
    for line in Path(path).read_text(encoding="utf-8").splitlines():
        line = re.sub(r"(^|\s)#.*", "", line).strip()
        if line.startswith("-r"):
            requirements += read_requirements(Path(path).parent / line[2:].strip())
        elif line:
            requirements.append(line)
    return requirements


def is_satisfied(requirement):
    """Whether this interpreter has a requirement such as `numpy>=2.1,<3`.

    Versions are compared by their numbers alone, and a marker counts as true. What is not
    understood (an address, an option) counts as missing, which leaves it to pip.
    """
    from importlib import metadata

    match = REQUIREMENT.fullmatch(requirement)
    if match is None:
        return False
    try:
        installed = metadata.version(match["name"])
    except metadata.PackageNotFoundError:
        return False
    bounds = filter(None, map(str.strip, match["bounds"].split(",")))
    # A package whose installation was cut short can be there without a version.
    return installed is not None and all(is_within(installed, bound) for bound in bounds)


def is_within(version, bound):
    """Whether a version such as `2.4.6` is within one bound such as `>=2.1`."""
    match = BOUND.fullmatch(bound)
    if match is None:
        return False
    this, limit, length = numbers(version), numbers(match["version"]), match["version"].count(".")
    series = length + 1 if match["any"] else len(limit)
    return {
        "==": this[:series] == limit[:series],
        "!=": this[:series] != limit[:series],
        "~=": this >= limit and this[:length] == limit[:length],
        ">=": this >= limit,
        "<=": this <= limit,
        ">": this > limit,
        "<": this < limit,
    }[match["operator"]]


def numbers(version):
    """The release numbers a version starts with: (2, 4, 6, 0, 0, 0) for `2.4.6rc1+cpu`."""
    parts = [int(number) for number in re.match(r"[\d.]*", version)[0].split(".") if number]
    return tuple(parts[:6]) + (0,) * (6 - len(parts))


@contextmanager
def one_at_a_time(path):
    """Wait until no other process holds this lock file, then hold it."""
    with open(path, "ab") as file:
        if not take(file):
            say("Another start is installing the libraries; waiting for it.")
            while not take(file):
                time.sleep(0.5)
        os.set_inheritable(file.fileno(), True)
        yield


def take(file):
    """Lock a file; return False if another process has it locked, dead ones excepted."""
    try:
        if os.name == "nt":
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    return True


class Venv:
    """The project's virtual environment, and the note in it of what pip has installed."""

    def __init__(self, folder):
        self.folder = folder
        windows = os.name == "nt"
        self.python = folder / ("Scripts/python.exe" if windows else "bin/python")
        self.note = folder / "installed.json"
        self.unfinished = folder / "unfinished"  # there while pip runs, and after it was killed

    def installed(self):
        """The requirements that pip has installed for this version of Python."""
        try:
            note = json.loads(self.note.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return []
        return note["requirements"] if note["python"] == list(sys.version_info[:2]) else []

    def has(self, requirements):
        """Whether the interpreter is there, with all these requirements."""
        sound = self.python.exists() and not self.unfinished.exists()
        return sound and set(requirements) <= set(self.installed())

    def install(self, file, requirements):
        """Install a requirements file, whose lines are given too, in a sound environment."""
        if self.unfinished.exists() or not self.works():
            self.make()
        say(f"Installing the libraries into {self.folder}; this takes some minutes.")
        self.unfinished.touch()
        status = self.pip("install", "-r", str(file))
        if status >= 0:  # it ended by itself, so what worked before still does
            self.unfinished.unlink()
        if status != 0:
            raise SystemExit(
                f"pip could not install {file}; its reason is above. Check the network, the "
                "proxy settings and the free disk space (4 GB), and start again."
            )
        note = {"python": sys.version_info[:2], "requirements": requirements}
        self.note.write_text(json.dumps(note), encoding="utf-8")

    def works(self):
        """Whether the interpreter runs, is of this version of Python, and has pip."""
        check = f"import pip, sys; sys.exit(sys.version_info[:2] != {sys.version_info[:2]})"
        command = [str(self.python), "-I", "-c", check]
        return (
            self.python.exists()
            and subprocess.run(command, stderr=subprocess.DEVNULL).returncode == 0
        )

    def make(self):
        """Make the environment anew, empty but for pip."""
        try:
            import ensurepip  # noqa: F401  (Debian packs it apart from Python)
            import venv
        except ImportError:
            raise SystemExit(
                "This Python cannot make a virtual environment. On Debian and Ubuntu: "
                "apt-get install python3-venv; elsewhere, install Python from python.org. "
                "Then start again."
            ) from None
        if self.folder.exists():
            shutil.rmtree(self.folder)
        self.folder.mkdir()
        self.unfinished.touch()
        try:
            venv.EnvBuilder(symlinks=os.name != "nt", with_pip=True).create(self.folder)
        except subprocess.CalledProcessError as error:
            raise OSError(f"ensurepip failed: {error.output.decode(errors='replace')}") from None

    def pip(self, *arguments):
        """Run the environment's own pip, in sight of the user, and return its exit status."""
        return subprocess.run(
            # -I: what PYTHONPATH or the user's folder offers is not in the environment.
            [str(self.python), "-I", "-m", "pip", "--disable-pip-version-check", *arguments],
            env={**os.environ, "PIP_USER": "0"},
            stdout=sys.stderr,  # standard output is the caller's
            close_fds=False,  # should this process be killed alone, pip still holds the lock
        ).returncode


def say(sentence):
    """Tell the user, at once and apart from a command's output."""
    print(sentence, file=sys.stderr, flush=True)


def become(*command):
    """Give this process over to another command, from the project folder.

    On POSIX it becomes that command, which thus gets the signals itself. Windows has no
    such call: there it waits, and leaves Ctrl+C to the command.
    """
    os.chdir(PROJECT)
    path = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(PROJECT), path]))
    sys.stdout.flush()
    if os.name != "nt":
        os.execv(command[0], command)
    with subprocess.Popen(command) as process:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        sys.exit(process.wait())
