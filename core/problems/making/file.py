"""A problem of one's own, read from its file."""

import contextlib
import hashlib
import importlib.util
import os
import sys
import threading
import traceback
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import Any

import keras
import numpy as np

from core.errors import ProblemError
from core.problems import own
from core.problems.making.compiled import in_short
from core.problems.making.data import described
from core.problems.making.optimizers import call_of, schedule_of
from core.problems.making.problem import Problem, Values
from core.problems.making.variables import MOVING
from core.problems.own import FUNCTION, Facts

_reading = threading.RLock()


def read(path: Path) -> Problem:
    """The problem that a file's function `problem` gives, as it is with seed 0.

    The file is carried out with the rights of whoever calls this. For the initial values of another
    seed it is carried out again, after `keras.utils.set_random_seed`; data are those of seed 0.

    Raises:
        ProblemError: If it cannot be carried out, or gives no problem; the message has its error
            and the line.
    """
    path = path.resolve()
    own.check_place(path)
    problem = carried_out(path, 0)

    @lru_cache(maxsize=4)
    def initial_values(seed: int) -> Values:
        model = carried_out(path, seed).model if seed else problem.model
        values = tuple(
            [variable.numpy() for variable in variables]
            for variables in (model.trainable_variables, model.non_trainable_variables)
        )
        check_alike(values, problem.model, path, seed)
        return values

    return replace(problem, initial_values=initial_values)


def carried_out(path: Path, seed: int) -> Problem:
    """What the file's function gives, with that seed.

    In a thread of its own: Keras counts layers without a name by thread, so that they are called
    the same each time.
    """
    quietly = contextlib.redirect_stdout(sys.stderr)
    with _reading, at_home(path), quietly, ThreadPoolExecutor(1) as fresh:
        found = fresh.submit(given_by, path, seed).result()
    if not isinstance(found, Problem):
        raise ProblemError(
            f"`{FUNCTION}` of {path} gives {described(found)}: expected a Problem, such as "
            "`Problem.of(model, training=(x, y))`."
        )
    return found


def given_by(path: Path, seed: int) -> Any:
    """Whatever the file's function gives."""
    keras.utils.set_random_seed(seed)
    function = getattr(module_of(path), FUNCTION, None)
    if not callable(function):
        raise ProblemError(
            f"{path} has no function `{FUNCTION}`: expected `def {FUNCTION}():` that gives "
            "`Problem.of(model, training=(x, y))`."
        )
    try:
        return function()
    except ProblemError as error:
        raise ProblemError(f"{path.name}: {error}") from error
    except (Exception, SystemExit) as error:
        raise ProblemError(told(error, path)) from error


@contextlib.contextmanager
def at_home(path: Path) -> Iterator[None]:
    """Have what lies beside a file be imported and opened by its plain name, whoever reads it."""
    before = Path.cwd()
    sys.path.insert(0, str(path.parent))
    os.chdir(path.parent)
    try:
        yield
    finally:
        os.chdir(before)
        sys.path.remove(str(path.parent))


def module_of(path: Path) -> ModuleType:
    """The file as a module.

    Raises:
        ProblemError: If it cannot be carried out.
    """
    spec = importlib.util.spec_from_file_location(f"problem_{path.stem}", path)
    assert spec, "it ends in .py"
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # where Keras looks for what is registered in it
    assert spec.loader, "it is there"
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        raise ProblemError(told(error, path)) from error
    return module


def told(error: BaseException, path: Path) -> str:
    """An error in somebody's file, with the line."""
    if isinstance(error, SyntaxError):
        return f"{path}, line {error.lineno}: {error.msg}."
    frames = traceback.extract_tb(error.__traceback__)
    lines = [frame.lineno for frame in frames if frame.filename == str(path)]
    where = f", line {lines[-1]}" if lines else ""
    return f"{path}{where}: {in_short(error)}"


def check_alike(values: Values, model: keras.Model, path: Path, seed: int) -> None:
    """Have a model of another seed be of the same variables."""
    expected = (model.trainable_variables, model.non_trainable_variables)
    shapes = [[np.shape(value) for value in of_kind] for of_kind in values]
    if shapes != [[tuple(variable.shape) for variable in of_kind] for of_kind in expected]:
        raise ProblemError(
            f"{path} builds another model with seed {seed} than with seed 0: expected variables of "
            "the same shapes each time."
        )


def digest_of(path: Path) -> str:
    """Tells one version of a file from another."""
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


def numbers_in(variables: Iterable) -> int:
    """How many numbers variables hold."""
    return sum(int(np.prod(variable.shape)) for variable in variables)


def facts_of(path: Path, problem: Problem) -> Facts:
    """What is to be known of a problem without TensorFlow.

    Raises:
        ProblemError: If the file's name is none that a run could call it by.
    """
    path = path.resolve()
    optimizer = problem.optimizer
    assert optimizer, "it was compiled"
    schedule = schedule_of(optimizer)
    rate = float(keras.ops.convert_to_numpy(optimizer.learning_rate))
    try:
        return Facts(
            name=path.stem,
            file=str(path),
            source=digest_of(path),
            heads=problem.heads,
            optimizer=type(optimizer).__name__,
            optimizer_call=call_of(optimizer),
            learning_rate=float(schedule(0)) if schedule else float(f"{rate:.7g}"),
            schedule=type(schedule).__name__ if schedule else "",
            n_training=len(problem.training),
            n_validation=len(problem.validation),
            n_parameters=numbers_in(problem.model.trainable_variables),
            n_moving=numbers_in(
                variable
                for variable, kind in zip(
                    problem.model.non_trainable_variables, problem.kinds, strict=True
                )
                if kind == MOVING
            ),
            has_regularisation=problem.has_regularisation,
            notes=problem.notes,
        )
    except ValueError as error:
        raise ProblemError(f"{path} cannot be a problem: {in_short(error)}") from error
