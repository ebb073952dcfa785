"""`python3 -m core.problems check FILE`: whether a problem of one's own can be trained, and how."""

import argparse
import json
import os
import sys
from pathlib import Path

from core.errors import ExplorerError, ProblemError
from core.problems import own

STEPS = 10


def main() -> None:
    """Read the file, train a few steps, say what was understood; exit 1 where it cannot be."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    options = make_parser().parse_args()
    try:
        own.check_place(options.file)  # before TensorFlow is loaded
        if options.json:
            print(facts_of(options.file).model_dump_json())
        else:
            check(options.file)
    except ExplorerError as error:
        if options.json:
            print(json.dumps({"refused": str(error)}))
        sys.exit(str(error))


def make_parser() -> argparse.ArgumentParser:
    """The command line's options."""
    parser = argparse.ArgumentParser(
        prog="python3 -m core.problems",
        description="Checks the file of a problem of your own: a Python file whose function "
        "`problem` gives `Problem.of(model, training=(x, y))` of a compiled Keras model. It is "
        "carried out with your rights.",
    )
    parser.add_argument("do", choices=["check"], help="read it, and train ten steps")
    parser.add_argument("file", type=Path, help="such as tickets.py")
    parser.add_argument(
        "--json", action="store_true", help="train nothing; print what was understood as JSON"
    )
    return parser


def facts_of(path: Path):
    """What is known of the problem of a file."""
    from core.problems.making import file

    return file.facts_of(path, file.read(path))


def check(path: Path) -> None:
    """Train a few steps and say what was understood.

    Raises:
        ProblemError: If the file gives no problem, or a loss is lost on the way.
    """
    from core.problems.making import file

    problem = file.read(path)
    facts = file.facts_of(path, problem)
    print(f"{facts.name}: {facts.n_parameters:,} parameters, {len(facts.heads)} heads")
    for head in facts.heads:
        metric = f"{head.metric} ({head.better} is better)" if head.metric else "no metric"
        print(f"  {head.name}: loss {head.loss}, weight {head.default_weight:g}, {metric}")
        for level, called in ((head.chance_loss, "loss"), (head.chance, head.metric)):
            if level is not None:
                print(f"    an answer that does not look at the inputs has {called} {level:.4g}")
    rate = f"rate {facts.learning_rate:g}" if not facts.schedule else f"rate by {facts.schedule}"
    print(f"  {facts.optimizer}, {rate}")
    print(f"  {facts.n_training:,} training examples, {facts.n_validation:,} validation examples")
    if facts.has_regularisation:
        print("  its own regularisation is added to the total, with weight 1")
    for note in facts.notes:
        print(f"  {note}")
    program, config = program_of(problem, facts)
    told = trained(program, config, facts)
    print(f"  {program.unfused or 'It is trained as one program of XLA.'}")
    print(
        f"After {STEPS} steps: "
        + ", ".join(f"loss of {head} {loss:.4g}" for head, loss in told.items())
    )


def program_of(problem, facts):
    """What trains it, and the settings it does so with."""
    from core.run.config import RunConfig
    from core.training.program import Program

    own.add(facts)
    config = RunConfig(problem=facts.name)
    return Program(problem, config), config


def trained(program, config, facts) -> dict[str, float]:
    """The head losses after a few steps."""
    import numpy as np

    from core.run.weights import LossWeights
    from core.training.batches import BatchOrder
    from core.training.state import StepSettings

    problem = program.problem
    state = program.initial_state(0)
    settings = StepSettings.of(LossWeights().complete(problem.heads), config)
    order = BatchOrder(len(problem.training), config.batch_size, 0)
    _, metrics = program.train_chunk(state, settings, order.batches(0, STEPS))
    program.evaluate(state)
    losses = metrics[:, 0, : len(problem.heads)]
    for place, head in enumerate(problem.heads):
        if not np.isfinite(losses[:, place]).all():
            step = int(np.isfinite(losses[:, place]).argmin())
            raise ProblemError(
                f"{facts.file}: the loss of {head.name!r} is {losses[step, place]:g} at step "
                f"{step}: expected a finite number. Take a smaller learning rate, or look for what "
                "divides by 0."
            )
    return {head.name: losses[-1, place] for place, head in enumerate(problem.heads)}


if __name__ == "__main__":
    main()
