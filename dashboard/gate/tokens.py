"""The links that let people in, made anew with each start, and what it means to do without."""

import argparse
import ipaddress
import os
import secrets


def links(url, options):
    """The page's link and the teacher's, with what lets in whoever has them; each start anew.

    The server is told by its environment, which nobody else on the machine sees.
    """
    needs_token = not (options.no_token or is_loopback(options.address))
    token, teacher = secrets.token_urlsafe(24), secrets.token_urlsafe(24)
    os.environ["EXPLORER_TOKEN"] = token if needs_token else ""
    os.environ["EXPLORER_TEACHER"] = teacher
    os.environ["EXPLORER_OPEN"] = "1" if options.open else ""
    return (f"{url}/?token={token}" if needs_token else url), f"{url}/?teacher={teacher}"


def links_by_hand(addresses):
    """The same where nobody made links, since `streamlit run` was called by hand; else none.

    Args:
        addresses: Where it listens, each with a port.
    """
    others = [(host, port) for host, port, *_ in addresses if not is_loopback(host)]
    if "EXPLORER_TOKEN" in os.environ or not others:
        return []
    host, port = others[0]
    is_open = bool(os.environ.get("EXPLORER_OPEN"))
    options = argparse.Namespace(address=host, no_token=False, open=is_open)
    return links(f"http://localhost:{port}", options)


def is_loopback(address):
    """Whether only this computer reaches what listens there."""
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return address == "localhost"


def warnings(options):
    """What options that leave doors open mean."""
    if options.no_token and not is_loopback(options.address):
        yield "--no-token: whoever reaches this port sees all runs, takes them away, starts others."
    if options.open:
        yield "--open: whoever comes in may steer, stop, rename and delete everybody's runs."
