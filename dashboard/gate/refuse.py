"""How a request is refused: with a sentence on the page, and once on the terminal."""

import html
import sys

from starlette.datastructures import Headers
from starlette.responses import HTMLResponse, JSONResponse

MOST_TOLD = 50  # refusals on the terminal, or else strangers could fill it
LONGEST = 80  # characters of what a stranger has sent

PAGE = """<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Refused · Loss-Weight Explorer</title>
<style>
  :root {{ color-scheme: light dark; }}
  body {{ font: 1.1rem/1.5 system-ui, sans-serif; max-width: 42rem; }}
  body {{ margin: 15vh auto; padding: 0 1rem; }}
  p {{ overflow-wrap: anywhere; }}
</style>
<h1>Refused</h1>
<p>{sentence}</p>
"""

_told: set[str] = set()


def shown(text: str) -> str:
    """What a stranger has sent as it can be shown anywhere: no control characters, not too long."""
    plain = "".join(letter if " " < letter <= "~" else "?" for letter in text)
    return plain if len(plain) <= LONGEST else f"{plain[:LONGEST]}..."


def tell_once(about: str, sentence: str) -> None:
    """Say a sentence on the terminal, unless something was said about the same already."""
    if about not in _told and len(_told) < MOST_TOLD:
        _told.add(about)
        print(sentence, file=sys.stderr, flush=True)


def wants_document(scope) -> bool:
    """Whether a person is to see the answer, in a browser."""
    headers = Headers(scope=scope)
    dest = headers.get("sec-fetch-dest")
    if dest is not None:
        return dest in ("document", "iframe", "frame")
    return "text/html" in headers.get("accept", "")


def refusal(scope, status: int, sentence: str):
    """The answer to a request that is refused: a small page for a person, else JSON."""
    if scope["type"] == "http" and wants_document(scope):
        return HTMLResponse(PAGE.format(sentence=html.escape(sentence)), status)
    return JSONResponse({"error": sentence}, status)
