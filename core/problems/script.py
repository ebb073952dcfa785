"""What a script of plain Keras says of its problem, and how Python is written in it."""

import ast
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

CORE = Path(__file__).parent.parent
LINE_LENGTH = 100


@dataclass(frozen=True)
class ProblemPart:
    """What a script says of its problem.

    Attributes:
        told: What it trains and what it takes, as lines of its docstring.
        imports: Lines of imports.
        settings: Lines of constants.
        check: Ends the script, with a sentence, where it would not train what the run has.
        definitions: Functions and classes. `for_fit` is one of them: of examples and indices it
            gives what `fit` takes.
        begin: Lines that make `training` and `validation`, the examples, and `model`, with the
            values that the run began with.
        compiled: Lines of what `compile` takes of losses and metrics, by the names of the heads.
        optimizer: The optimizer, as an expression; empty where the run's settings say which.
    """

    told: list[str]
    imports: list[str]
    settings: list[str]
    check: str
    definitions: list[str]
    begin: list[str]
    compiled: list[str]
    optimizer: str = ""


def source_of(file: str, *names: str) -> str:
    """The source of classes, functions and constants of a module of core, without loading it."""
    lines, spans = _lines_of(file)
    source = "\n\n\n".join("\n".join(lines[slice(*spans[name])]) for name in names)
    return re.sub(r"`core(?:\.\w+)*\.(\w+)`", r"`\1`", source)  # there, all is in one file


@cache
def _lines_of(file: str) -> tuple[list[str], dict[str, tuple[int, int]]]:
    """The lines of a module, and from where to where its definitions are."""
    text = (CORE / file).read_text(encoding="utf-8")
    spans: dict[str, tuple[int, int]] = {}
    for node in ast.parse(text).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            spans[node.targets[0].id] = (node.lineno - 1, node.end_lineno or 0)
        elif isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
            spans[node.name] = (first - 1, node.end_lineno or 0)
    return text.splitlines(), spans


def quoted(text: object) -> str:
    """A name or a path as our formatter writes a string, whatever is in it."""
    written = repr(str(text))
    return written if '"' in written else f'"{written[1:-1]}"'


def literal(value) -> str:
    """A dict, a text or a number as our formatter writes it on one line."""
    if isinstance(value, dict):
        inner = (f"{literal(name)}: {literal(one)}" for name, one in value.items())
        return f"{{{', '.join(inner)}}}"
    return quoted(value) if isinstance(value, str) else repr(value)


def lines_of(before: str, value, after: str = "", indent: int = 0) -> list[str]:
    """The same with something around it; a dict is on several lines where it is long."""
    space = " " * indent
    line = f"{space}{before}{literal(value)}{after}"
    if len(line) <= LINE_LENGTH or not isinstance(value, dict):
        return [line]
    inner = (lines_of(f"{literal(k)}: ", one, ",", indent + 4) for k, one in value.items())
    return [f"{space}{before}{{", *(line for lines in inner for line in lines), f"{space}}}{after}"]
