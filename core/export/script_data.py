"""The data of a Keras script: one function a family of datasets."""

import ast
from pathlib import Path

from core.config import EVALUATION_PAIRS

CORE = Path(__file__).parent.parent


def source_of(file: str, *names: str) -> str:
    """The source of classes, functions and constants of a module of core, without loading it."""
    text = (CORE / file).read_text(encoding="utf-8")
    found = {}
    for node in ast.parse(text).body:
        if isinstance(node, ast.Assign):
            found[node.targets[0].id] = ast.get_source_segment(text, node)
        elif isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            first = min([node.lineno, *(one.lineno for one in node.decorator_list)])
            found[node.name] = "\n".join(text.splitlines()[first - 1 : node.end_lineno])
    return "\n\n\n".join(found[name] for name in names)


LOAD_DIGITS = '''

def load_pairs():
    """Training and validation pairs; no handwritten digit is in both."""
    digits = load_digits()
    images, labels = digits.images.astype(np.float32) / 16, digits.target.astype(np.int32)
    training, validation = split_digits(labels)
    rng = np.random.default_rng(20161105)
    return (
        digit_pairs(images[training], labels[training], TRAINING_PAIRS, rng),
        digit_pairs(images[validation], labels[validation], VALIDATION_PAIRS, rng),
    )
'''


def digits_part() -> tuple[tuple[list[str], list[str]], str]:
    """Of the digits, which scikit-learn ships."""
    imports = (["from dataclasses import dataclass"], ["from sklearn.datasets import load_digits"])
    constants = source_of("data.py", "TRAINING_PAIRS", "VALIDATION_SHARE", "HARD_SHARE")
    functions = source_of("data.py", "Pairs", "split_digits", "digit_pairs", "write_numbers")
    return imports, "\n".join(
        [
            constants.replace("\n\n\n", "\n"),
            f"VALIDATION_PAIRS = {EVALUATION_PAIRS}\n\n",
            functions,
            LOAD_DIGITS,
        ]
    )


# Of each dataset: imports from Python's own library and from others, and source that has
# `load_pairs`, `Pairs` and all that they need.
DATA = {"digits": digits_part}
