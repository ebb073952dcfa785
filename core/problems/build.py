"""The problem of a run, made from its settings."""

from dataclasses import replace
from functools import partial
from pathlib import Path

import keras

from core.errors import ConfigError, ProblemError
from core.problems import heads_of
from core.problems.autoencoder import problem as autoencoder
from core.problems.autoencoder.settings import AutoencoderConfig
from core.problems.autoencoder.view import DigitsView
from core.problems.detector import problem as detector
from core.problems.detector.look import ScenesView
from core.problems.detector.settings import DetectorConfig
from core.problems.making import file
from core.problems.making.problem import Problem, Values
from core.problems.own import OwnConfig
from core.problems.siamese.look import PairsView
from core.problems.siamese.model import initial_values
from core.problems.siamese.problem import problem_of as siamese
from core.problems.siamese.settings import SiameseConfig
from core.run.config import RunConfig


def problem_of(config: RunConfig, folder: Path | None = None) -> Problem:
    """What a run with these settings trains.

    Args:
        config: Its fixed settings count.
        folder: Where the images of datasets are.

    Raises:
        DataError: If the images of its dataset cannot be had.
        ProblemError: If its file cannot be carried out, or has changed.
        ConfigError: If nobody here knows its problem.
    """
    match config:
        case SiameseConfig():
            network = siamese(config, folder)
            return replace(network, view=partial(PairsView, network))
        case DetectorConfig():
            model, examples = detector.compiled(config), detector.examples(config)
            found = compiled(config, model, examples, detector.BETTER)
            return replace(found, view=partial(ScenesView, found, config))
        case AutoencoderConfig():
            model, examples = autoencoder.compiled(config), autoencoder.examples(config)
            found = compiled(config, model, examples, autoencoder.BETTER)
            return replace(found, view=partial(DigitsView, found))
        case OwnConfig():
            return own(config)
    raise ConfigError(f"problem = {config.problem!r:.80} is refused: there is no such problem.")


def compiled(config: RunConfig, model: keras.Model, examples: tuple, better: dict) -> Problem:
    """A model that comes with this program: its optimizer is chosen, its chance is known."""
    problem = Problem.of(model, *examples, better=better)

    def values(seed: int) -> Values:
        return initial_values(model, seed), [v.numpy() for v in model.non_trainable_variables]

    return replace(problem, heads=heads_of(config), optimizer=None, initial_values=values)


def own(config: OwnConfig) -> Problem:
    """The problem of a file of one's own, if it is still the one that was read.

    Raises:
        ProblemError: If it has changed since, or cannot be carried out any more.
    """
    facts = config.facts
    if facts is None:
        raise ProblemError(config.obstacle)
    path = Path(facts.file)
    if not path.is_file() or file.digest_of(path) != facts.source:
        raise ProblemError(
            f"{path} has changed since this program was started, or is gone: a run is trained with "
            "the file that it was started with. Put it back, or start the program again."
        )
    return file.read(path)
