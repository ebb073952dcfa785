"""Finds a Chromium to drive, and installs one where there is none."""

import os
import shutil
import signal
import subprocess
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# It draws no windows, and opens a page in half of the others' time.
SHELL = "chromium-headless-shell"

OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

# In a process of its own: Playwright refuses to start where an event loop runs.
ASK_PLAYWRIGHT = """
from playwright.sync_api import sync_playwright
with sync_playwright() as playwright:
    print(playwright.chromium.executable_path)
"""


def find(*rather):
    """Find a Chromium that starts: one on the PATH, else Playwright's own.

    Args:
        *rather: Names to look for before the usual ones.

    Returns:
        The executable's path, or None.
    """
    on_path = filter(None, map(shutil.which, (*rather, *NAMES)))
    return next((path for path in on_path if starts(path)), None) or find_playwrights()


def needed():
    """Find the Chromium that opens pages soonest.

    Returns:
        The executable's path.

    Raises:
        AssertionError: If there is none.
    """
    path = find(SHELL)
    assert path, "No Chromium was found: run `python3 -m tests`, or install the package chromium."
    return path


def find_playwrights():
    """Path of the Chromium that Playwright has installed, or None."""
    answer = subprocess.run(
        [sys.executable, "-c", ASK_PLAYWRIGHT], capture_output=True, text=True, check=False
    )
    path = answer.stdout.strip()
    return path if path and starts(path) else None


def starts(path):
    """Whether a browser is there and whole; Ubuntu's `chromium-browser` can be a mere notice."""
    try:
        return run(path, "--version", seconds=30, output=subprocess.DEVNULL)
    except OSError:
        return False


def install():
    """Install Playwright's Chromium, else, as root, that of Debian.

    Returns:
        The executable's path, or None if neither could be installed.
    """
    print("Installing a Chromium for the browser tests.", file=sys.stderr, flush=True)
    run(sys.executable, "-m", "playwright", "install", "chromium", seconds=180)
    found = find()
    if found or not shutil.which("apt-get") or os.geteuid() != 0:
        return found
    run("apt-get", "update", seconds=180)
    apt_install = ["apt-get", "install", "-y", "--no-install-recommends"]
    # The fonts are for the screenshots of Chinese and Japanese pages: wanted, not needed.
    run(*apt_install, "chromium", "fonts-noto-cjk", seconds=600) or run(
        *apt_install, "chromium", seconds=600
    )
    return find()


def run(*command, seconds, output=None):
    """Run a command and all it starts, at most for so long; return whether it succeeded."""
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=output or sys.stderr,
        stderr=output,
        env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
        start_new_session=True,
    )
    try:
        return process.wait(seconds) == 0
    except subprocess.TimeoutExpired:
        return False
    finally:
        if process.returncode is None:
            end(process)


def end(process):
    """End a command together with all that it has started."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except (AttributeError, ProcessLookupError):  # Windows has no groups; or all have ended
        process.kill()
    process.wait()
