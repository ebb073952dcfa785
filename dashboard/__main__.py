"""`python3 -m dashboard`: installs the libraries where needed, then becomes the server."""

import argparse
import errno
import ipaddress
import os
import re
import socket
import subprocess
import sys
import time
from pathlib import Path

from dashboard import given
from dashboard.environment import PROJECT, become, python_with
from dashboard.gate.tokens import links, warnings

OPEN = "import os; from dashboard.__main__ import open_page; open_page(os.environ['EXPLORER_PAGE'])"
EVERYWHERE = ("0.0.0.0", "::")  # listen on every interface; no browser goes to these


def main():
    """Check the options, see to the libraries, start the server and open the page."""
    parser = make_parser()
    options = parser.parse_args()
    check_address(parser, options.address, options.port)
    check_store(parser, options.store)
    given.check(parser, options)
    python = python_with(PROJECT / "requirements.txt")
    given.add(parser, python, options)

    host = "localhost" if options.address in EVERYWHERE else bracketed(options.address)
    here = ["localhost", "127.0.0.1", "[::1]", host]
    hosts = list(dict.fromkeys([*here, *map(bracketed, options.allow_host)]))
    os.environ["EXPLORER_STORE"] = str(options.store)
    if options.ray:
        os.environ["RAY_ADDRESS"] = options.ray
    os.environ["EXPLORER_ALLOWED_HOSTS"] = ",".join(hosts)
    os.environ["EXPLORER_BEHIND_PROXY"] = "1" if options.behind_proxy else ""
    os.environ["FORWARDED_ALLOW_IPS"] = ""  # or else uvicorn believes some of what a proxy says
    url, teachers = links(f"http://{host}:{options.port}{options.base_path}", options)
    print(f"Loss-Weight Explorer: {url} (Ctrl+C stops it)")
    print(f"Teacher's link, steers and deletes every run: {teachers}", *warnings(options), sep="\n")
    sys.stdout.flush()
    if not options.no_browser and has_display():
        open_page_later(teachers)
    become(python, *server_command(options, hosts))


def make_parser():
    """The command line's options."""
    parser = argparse.ArgumentParser(
        prog="python3 -m dashboard",
        description="Start the Loss-Weight Explorer and open it in the browser. The first start "
        "installs the libraries into the folder .venv, which takes some minutes.",
        allow_abbrev=False,
    )
    parser.add_argument(
        "--port", type=port_number, default=8501, help="1 to 65535 (default: %(default)s)"
    )
    parser.add_argument(
        "--address",
        type=host_name,
        default="127.0.0.1",
        help="address to listen at (default: %(default)s, this computer alone; 0.0.0.0 lets in "
        "others who have the printed link, under the names given with --allow-host)",
    )
    parser.add_argument(
        "--allow-host",
        type=host_name,
        action="append",
        default=[],
        metavar="NAME",
        help="another host name or address the page may be reached under, without a port; "
        "can be given several times",
    )
    parser.add_argument(
        "--no-token",
        action="store_true",
        help="on an address that others reach: let everybody in, also without the printed link",
    )
    parser.add_argument(
        "--open",
        action="store_true",
        help="let everybody steer and delete every run, not only their own; a pinned one is "
        "deleted by whoever started it and with the teacher's link",
    )
    parser.add_argument(
        "--base-path",
        type=base_path,
        default="",
        metavar="PATH",
        help="path below which a proxy in front passes requests on, such as /lab; not needed for "
        "a proxy that takes its path away",
    )
    parser.add_argument(
        "--behind-proxy",
        action="store_true",
        help="believe a proxy on this computer what it says in X-Forwarded-Host, -Proto and -For "
        "of those who ask; the name still has to be given with --allow-host",
    )
    parser.add_argument(
        "--store",
        type=lambda text: Path(text).expanduser().resolve(),
        default=PROJECT / ".runs" / "runs.sqlite",
        metavar="PATH",
        help="SQLite file the runs are kept in (default: .runs/runs.sqlite)",
    )
    parser.add_argument(
        "--ray",
        metavar="ADDRESS",
        default=os.environ.get("RAY_ADDRESS", ""),
        help="Ray cluster that trains weight maps, such as auto or 10.0.0.1:6379; needs "
        "`pip install ray` (default: the environment's RAY_ADDRESS, else this computer trains)",
    )
    parser.add_argument(
        "--data",
        type=lambda text: Path(text).expanduser().resolve(),
        action="append",
        default=[],
        metavar="PATH",
        help="images of your own to choose on the page: a .npz file with x (images) and y "
        "(labels), or a folder with one sub-folder a class; can be given several times",
    )
    parser.add_argument(
        "--problem",
        type=lambda text: Path(text).expanduser().resolve(),
        action="append",
        default=[],
        metavar="FILE",
        help="a model of your own to choose on the page: a Python file whose function `problem` "
        "gives it; it is carried out with your rights; can be given several times",
    )
    parser.add_argument(
        "--leave-out-broken",
        action="store_true",
        help="of a folder given with --data, do without the files that cannot be read",
    )
    parser.add_argument("--no-browser", action="store_true", help="do not open the page")
    return parser


def port_number(text):
    """Read a port number."""
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 65535):
        raise argparse.ArgumentTypeError(f"{text!r} is not a port; give a number from 1 to 65535")
    return int(text)


def host_name(text):
    """Read a host name, or an address, whose brackets are dropped."""
    try:
        return str(ipaddress.ip_address(text.strip("[]")))
    except ValueError:
        if re.fullmatch(r"(\*\.)?[\w-]+(\.[\w-]+)*", text):
            return text
    raise argparse.ArgumentTypeError(
        f"{text!r} is not a host name; give it without scheme, port or path, "
        "for example lab.example.org"
    )


def base_path(text):
    """Read a path as it stands in the address before a page's own, or nothing."""
    path = text.strip("/")
    if not re.fullmatch(r"([\w~@-][\w.~@-]*(/[\w~@-][\w.~@-]*)*)?", path, re.ASCII):
        raise argparse.ArgumentTypeError(
            f"{text!r} is not such a path; give it without scheme and host, for example /lab"
        )
    return f"/{path}" if path else ""


def bracketed(host):
    """A host as it stands in a URL, where an IPv6 address has brackets."""
    return f"[{host}]" if ":" in host else host


def check_address(parser, address, port):
    """Leave with a sentence unless the server will be able to listen there."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        with socket.socket(family) as probe:
            if os.name != "nt":  # where it means to share a port that is in use
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((address, port))
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "errno", None)
        if reason == errno.EADDRINUSE:
            other = port + 1 if port < 65535 else 8501
            parser.exit(
                1,
                f"Port {port} is in use, perhaps by an explorer that is already running. "
                f"Stop that one, or choose another port: python3 -m dashboard --port {other}\n",
            )
        if reason == errno.EACCES:
            parser.exit(1, f"Port {port} is kept for the system: choose one above 1023.\n")
        parser.error(f"argument --address: {address!r} is not an address of this computer")


def check_store(parser, store):
    """Leave with a sentence unless runs can be kept in this file."""
    try:
        store.parent.mkdir(parents=True, exist_ok=True)
        is_written = not store.is_file() or os.access(store, os.W_OK)  # or else it is read alone
        with store.open("ab+" if is_written else "rb") as file:
            file.seek(0)
            start = file.read(16)
    except OSError as error:
        parser.error(f"argument --store: cannot write {store}: {error.strerror}")
    if start not in (b"", b"SQLite format 3\0"):
        parser.error(f"argument --store: {store} is not a SQLite file; it is left as it was")


def server_command(options, hosts):
    """The arguments with which Python becomes the server.

    Settings that never change are in `dashboard/.streamlit/config.toml`, but for two without
    which Streamlit asks for an email address and writes into the user's home folder.
    """
    command = ["-m", "streamlit", "run", str(PROJECT / "dashboard" / "app.py")]
    command += ["--server.port", str(options.port), "--server.address", options.address]
    for host in hosts:
        command += ["--server.allowedHosts", host.strip("[]")]
    if options.base_path:
        command += ["--server.baseUrlPath", options.base_path]
    command += ["--server.headless", "true", "--browser.gatherUsageStats", "false"]
    return [*command, "--logger.hideWelcomeMessage", "true"]


def has_display():
    """Whether a browser can show itself: without a display, Linux would take one for terminals."""
    named = any(map(os.environ.get, ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER")))
    return named or not sys.platform.startswith("linux")


def open_page_later(url):
    """Open the page as soon as the server answers.

    Streamlit does not open a browser for an `st.App`, and this process is about to become
    the server, so another one waits for it.
    """
    subprocess.Popen(
        [sys.executable, "-c", OPEN],
        cwd=PROJECT,
        env={**os.environ, "EXPLORER_PAGE": url},  # no argument, which all of this machine see
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,  # browsers talk to the terminal
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # Ctrl+C is for the server, not for the browser
    )


def open_page(url, patience=120):
    """Open a page once its server answers; give up with the server, or after `patience` s."""
    import webbrowser
    from urllib.parse import urlsplit

    server, parts = os.getppid(), urlsplit(url)
    end = time.monotonic() + patience
    while time.monotonic() < end and os.getppid() == server:
        try:
            socket.create_connection((parts.hostname, parts.port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            webbrowser.open(url)
            return


if __name__ == "__main__":
    main()
