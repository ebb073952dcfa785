"""`python3 -m tests [pytest arguments]`: gets libraries, old ones too, and a browser, then tests.

Without arguments, the tests in the browser run beside the others.
"""

import sys

from dashboard.environment import PROJECT, become, python_with
from tests import old_keras
from tests.browser import chromium

SIDE_BY_SIDE = ["-n", "2", "--dist", "loadscope"]


def main():
    """Go on in the interpreter that has pytest, see to a browser, become pytest."""
    python = python_with(PROJECT / "tests" / "requirements.txt")
    if python != sys.executable:
        become(python, "-m", "tests", *sys.argv[1:])
    if chromium.find() is None and chromium.install() is None:
        sys.exit(
            "The tests need a browser, and none could be installed. Install Chromium or Google "
            "Chrome so that `chromium` or `google-chrome` starts it (on Debian, as root: "
            "apt-get install chromium), and start again."
        )
    old_keras.fetch()
    become(python, "-m", "pytest", *(sys.argv[1:] or SIDE_BY_SIDE))


if __name__ == "__main__":
    main()
