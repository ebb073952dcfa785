"""Real proxies in front of a server, configured by the files that the README names."""

import os
import re
import shutil
import socket
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

from core.places import PROJECT
from tests.browser import chromium
from tests.browser.server import Server

FOLDER = PROJECT / "dashboard" / "proxies"
PERSON = "/user/ada@example.org"  # as a hub has whoever comes in by an email address
NGINX = """
daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log stderr;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    {server}
}}
"""


def nginx() -> str | None:
    """Find nginx, or install that of Debian as root; None if there is none."""

    def found():
        return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")

    if not found() and shutil.which("apt-get") and os.geteuid() == 0:
        apt_install = ["apt-get", "install", "-y", "--no-install-recommends", "nginx"]
        chromium.run(*apt_install, seconds=180) or (
            chromium.run("apt-get", "update", seconds=180)
            and chromium.run(*apt_install, seconds=180)
        )
    return found()


def free_port() -> int:
    """A port of this computer that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate of our own making for lab.example.org, and its key."""
    made, key = folder / "lab.pem", folder / "lab.key"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1"]
    command += ["-subj", "/CN=lab.example.org", "-out", str(made), "-keyout", str(key)]
    subprocess.run(command, check=True, capture_output=True)
    return made, key


def changed(text: str, changes: dict[str, str]) -> str:
    """A configuration at another place; each text to be changed is there."""
    for old, new in changes.items():
        assert old in text, old
        text = text.replace(old, new)
    return text


def command_of(text: str) -> list[str]:
    """The options of the server that a configuration says it belongs to."""
    (command,) = re.findall(r"^# (?:.*: )?python3 (-m dashboard.*)$", text, re.MULTILINE)
    return command.split()


@contextmanager
def running(command: list[str], folder: Path, port: int, **environment: str):
    """A proxy in the foreground, from when it listens at a port until it is killed."""
    log = folder / "proxy.log"
    with log.open("wb") as output:
        environment = {**os.environ, **environment}
        process = subprocess.Popen(
            command, cwd=folder, env=environment, stdout=output, stderr=subprocess.STDOUT
        )

    def listens():
        assert process.poll() is None, log.read_text()
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0

    try:
        Server.wait(listens, 60, "the proxy to listen")
        yield
    finally:
        process.terminate()
        process.wait(30)


@contextmanager
def nginx_before(server: Server, text: str, folder: Path):
    """Has nginx serve a configuration in front of a server; gives its port."""
    port = free_port()
    made, key = certificate(folder)
    text = changed(
        text,
        {
            "listen 443": f"listen 127.0.0.1:{port}",
            "127.0.0.1:8501": f"127.0.0.1:{server.port}",
            "/etc/ssl/certs/lab.example.org.pem": str(made),
            "/etc/ssl/private/lab.example.org.key": str(key),
        },
    )
    whole = folder / "nginx.conf"
    whole.write_text(NGINX.format(folder=folder, server=text))
    with running([nginx(), "-c", str(whole), "-e", "stderr"], folder, port):
        yield port


@contextmanager
def jupyter(folder: Path):
    """A Jupyter server that starts the explorer itself, as a hub does for a person; its port."""
    port = free_port()
    name = "jupyter_server_config.json"
    text = (FOLDER / name).read_text()
    text = changed(text, {'"python3"': f'"{sys.executable}"', "/srv/explorer": str(PROJECT)})
    (folder / name).write_text(text)
    command = [sys.executable, "-m", "jupyter_server", "--no-browser", "--allow-root"]
    command += [
        f"--ServerApp.port={port}",
        "--ServerApp.ip=127.0.0.1",
        "--ServerApp.port_retries=0",
    ]
    command += ["--IdentityProvider.token=", "--ServerApp.allow_remote_access=True"]
    command += [f"--ServerApp.base_url={PERSON}/", f"--ServerApp.root_dir={folder}"]
    where = {name: str(folder) for name in ("HOME", "JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR")}
    with running(command, folder, port, JUPYTER_DATA_DIR=str(folder / "data"), **where):
        yield port
