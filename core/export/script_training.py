"""The training of a Keras script: compile, the callback that makes the changes, and fit."""

from core.export.compile_call import optimizer_call
from core.export.course import Course
from core.problems.script import ProblemPart

# Keras keeps no velocity at momentum 0, and would begin one where the momentum is raised.
LEAST_MOMENTUM = 1e-12


def training_part(course: Course, problem: ProblemPart) -> str:
    """The callbacks, compile and fit."""
    changed = {name for change in course.changes.values() for name in change}
    epochs, rest = divmod(course.steps, course.config.eval_interval)
    callbacks = {"Changes()": changes_part(changed)} if changed else {}
    if epochs and rest:
        callbacks["End()"] = END
    weights = "loss_weights" if "loss_weights" in changed else "LOSS_WEIGHTS"
    momentum = max(course.config.momentum, LEAST_MOMENTUM if "momentum" in changed else 0.0)
    lines = [
        *problem.begin,
        *(VARIABLES if "loss_weights" in changed else []),
        "model.compile(",
        f"    optimizer={problem.optimizer or optimizer_call(course.config, momentum)},",
        *(f"    {line}" for line in problem.compiled),
        f"    loss_weights={weights},",
        "    jit_compile=False,  # small steps: XLA would cost more than it saves",
        ")",
        "history = model.fit(",
        "    Batches(training),",
        f"    steps_per_epoch={'EPOCH' if epochs else 'STEPS'},",
        *([f"    epochs=STEPS // EPOCH{' + 1' if rest else ''},"] if epochs else []),
        "    validation_data=for_fit(validation, np.arange(len(validation))),",
        "    validation_batch_size=len(validation),",
        "    shuffle=False,  # the order of the batches is that of the run",
        *([f"    callbacks=[{', '.join(callbacks)}],"] if callbacks else []),
        "    verbose=2,",
        ")",
    ]
    return "\n\n\n".join([*callbacks.values(), "\n".join(lines)])


VARIABLES = [
    "# Variables, since a dict of floats is read once: to change it later does nothing.",
    "loss_weights = {head: keras.Variable(w) for head, w in LOSS_WEIGHTS.items()}",
]
END = '''\
class End(keras.callbacks.Callback):
    """Ends the last epoch, which is shorter, with the last step of the run."""

    def on_train_batch_end(self, batch, logs=None):
        if int(self.model.optimizer.iterations) == STEPS:
            self.model.stop_training = True'''


def changes_part(changed: set[str]) -> str:
    """Source of the callback that makes the changes, as far as there are any of a kind."""
    lines = [
        "class Changes(keras.callbacks.Callback):",
        '    """Changes live settings at the step at which the run did."""',
        "",
        "    def on_train_batch_begin(self, batch, logs=None):",
        "        optimizer = self.model.optimizer",
        "        change = CHANGES.get(int(optimizer.iterations), {})",
    ]
    if "loss_weights" in changed:
        lines += [
            '        for head, weight in change.get("loss_weights", {}).items():',
            "            loss_weights[head].assign(weight)",
        ]
    if "learning_rate" in changed:
        lines += [
            '        if "learning_rate" in change:',
            '            optimizer.learning_rate = change["learning_rate"]',
        ]
    if "momentum" in changed:
        lines += [
            '        if "momentum" in change:',
            "            # A number in the compiled step: it has to be compiled anew.",
            f'            optimizer.momentum = max(change["momentum"], {LEAST_MOMENTUM!r})',
            "            self.model.make_train_function(force=True)",
        ]
    return "\n".join(lines)
