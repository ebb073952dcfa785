"""Problems of one's own, as they are known without TensorFlow: told by the process that read them.

Which files there are is said on the command line and in scripts alone. A file is code that runs
with the rights of whoever names it, so no page, route, bundle or setting names one.
"""

import json
import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, create_model

from core.errors import ConfigError, ProblemError
from core.run.config import RunConfig
from core.run.heads import Heads
from core.run.settings import setting

ENVIRONMENT = "EXPLORER_PROBLEMS"  # JSON, from a process to those that it starts
FUNCTION = "problem"  # of a file, that gives its problem
RATE = "LEARNING_RATE"
NAME = r"^[A-Za-z0-9_-]{1,60}$"


class Facts(BaseModel):
    """What is known of a problem of one's own, once its file was read.

    Attributes:
        name: By which runs call it: that of the file.
        file: The file, whole.
        source: Digest of what was in it.
        heads: The losses that it has.
        optimizer: Name of the optimizer that it was compiled with.
        optimizer_call: How that is made, `RATE` standing for its learning rate; empty where that
            is not known.
        learning_rate: Of that; where a schedule sets it, at the first step.
        schedule: Name of that schedule, empty if there is none.
        n_training: Number of training examples.
        n_validation: Number of validation examples.
        n_parameters: Numbers that training moves.
        n_moving: Other numbers that a lane has of its own, such as averages.
        has_regularisation: Whether the model adds losses of its own to the total.
        notes: What was understood, in sentences.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=NAME)
    file: str
    source: str
    heads: Heads
    optimizer: str
    optimizer_call: str = ""
    learning_rate: float
    schedule: str
    n_training: int
    n_validation: int
    n_parameters: int
    n_moving: int
    has_regularisation: bool
    notes: tuple[str, ...]


class OwnConfig(RunConfig):
    """The settings of a run of one's own problem, see `RunConfig`.

    Of a problem whose file was read there is a class of its own, with what the model was compiled
    with as defaults; this one is for runs in the store whose file was not.
    """

    problem: str = setting("", "What is trained.", pattern=NAME)
    optimizer: str = setting("", "As the file has compiled the model.")  # type: ignore[assignment]
    source: str = setting("", "Digest of the file: a run goes on with the one it began with.")
    batch_size: int = setting(
        32, "Examples in an update.", unit="examples", ge=1, le=8192, short="batch"
    )

    @classmethod
    def names(cls) -> tuple[str, ...]:
        """Without a momentum: what the file says of its optimizer is not a setting."""
        return tuple(name for name in super().names() if name != "momentum")

    @classmethod
    def notes(cls) -> tuple[str, ...]:
        """What the file says alone, and how it was understood."""
        known = _KNOWN.get(cls.model_fields["problem"].default)
        if known is None:
            return ()
        rate = f", its rate by {known.schedule}" if known.schedule else ""
        return (f"{Path(known.file).name}: {known.optimizer}{rate}.", *known.notes)

    @property
    def facts(self) -> Facts | None:
        """What is known of its problem; None where the file was not read, or is another now."""
        facts = _KNOWN.get(self.problem)
        return facts if facts and facts.source == self.source else None

    @property
    def n_validation(self) -> int:
        """Number of validation examples; a usual one where that is not known."""
        return self.facts.n_validation if self.facts else super().n_validation

    @property
    def obstacle(self) -> str:
        """That the file was not read, is another now, or sets what these settings say otherwise."""
        known = _KNOWN.get(self.problem)
        if known is None:
            return (
                f"The file of problem {self.problem!r:.80} was not read: start with `--problem` "
                "and the file, or give it to Engine.add_problem."
            )
        if self.facts is None:
            return (
                f"{known.file} has changed: its digest was {self.source!r:.20} and is "
                f"{known.source!r}. A run goes on with the file that it began with: start another "
                "one, or put the file back and start this program again."
            )
        if known.optimizer != self.optimizer:
            return f"optimizer = {self.optimizer!r:.80}: {known.file} says {known.optimizer!r}."
        if known.schedule and self.learning_rate != known.learning_rate:
            return (
                f"learning_rate = {self.learning_rate:g}: {known.file} has it set by "
                f"{known.schedule}. Change it there."
            )
        return ""


_KNOWN: dict[str, Facts] = {}


def check_place(path: Path) -> None:
    """Refuse what is no file of a problem, as far as can be seen from outside.

    Raises:
        ProblemError: If it is no Python file, or its name is none that a run could call it by.
    """
    if not path.is_file() or path.suffix != ".py":
        raise ProblemError(f"{path} is no Python file: expected one with a function `{FUNCTION}`.")
    if not re.match(NAME, path.stem):
        raise ProblemError(
            f"{path.name} is refused as the name of a problem: expected up to 60 letters, digits, "
            "- and _ before .py."
        )


def add(facts: Facts) -> None:
    """Have there be a problem; one of the same name is forgotten, but for another file's.

    Raises:
        ConfigError: If another file has that name, or one of the problems that come with this.
    """
    kind = RunConfig.kind_of(facts.name)
    known = _KNOWN.get(facts.name)
    if (kind and not issubclass(kind, OwnConfig)) or (known and known.file != facts.file):
        other = known.file if known else "a problem that comes with this program"
        raise ConfigError(
            f"{facts.file} is refused: {other} is called {facts.name!r} already. Name the file "
            "otherwise."
        )
    _KNOWN[facts.name] = facts
    # The class registers itself by the name of its problem.
    create_model("OwnConfig", __base__=OwnConfig, **fields_of(facts))


def fields_of(facts: Facts) -> dict[str, Any]:
    """The settings whose defaults the file says."""
    rate = facts.learning_rate
    said = f"Length of an update. The file has compiled the model with {rate:g}."
    if facts.schedule:
        said = f"At the first step: {facts.schedule}, as the file says, sets the others."
    bounds = {"ge": min(1e-7, rate), "le": max(100.0, rate)}
    fixed = OwnConfig.model_fields
    return {
        "problem": (Literal[facts.name], setting(facts.name, "What is trained.")),
        "optimizer": (str, setting(facts.optimizer, fixed["optimizer"].description)),
        "source": (str, setting(facts.source, fixed["source"].description)),
        "learning_rate": (float, setting(rate, said, live=not facts.schedule, **bounds)),
    }


def known() -> tuple[Facts, ...]:
    """All that there are."""
    return tuple(_KNOWN.values())


def as_text(facts: Iterable[Facts]) -> str:
    """Facts for `ENVIRONMENT`."""
    return json.dumps([one.model_dump(mode="json") for one in facts])


def add_from_environment() -> None:
    """Have there be those that the process that started this one knows of."""
    for one in json.loads(os.environ.get(ENVIRONMENT) or "[]"):
        add(Facts(**one))
