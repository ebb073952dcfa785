"""The training of a Keras script: compile, the callback that makes the changes, and fit."""

from core.export.course import Course
from core.problems.siamese.heads import OUTPUTS

# Keras keeps no velocity at momentum 0, and would begin one where the momentum is raised.
LEAST_MOMENTUM = 1e-12


def literal(value) -> str:
    """A dict or a number as our formatter writes it."""
    return repr(value).replace("'", '"')


def training_part(course: Course) -> str:
    """Compile, callback and fit."""
    changed = {name for change in course.changes.values() for name in change}
    lines = [] if not course.changes else [changes_part(changed), "", ""]
    weights = "LOSS_WEIGHTS"
    lines += [
        "training, validation = load_pairs()",
        "model = build_model(training.img_1.shape[1:])",
        "for variable, value in zip(model.trainable_variables, initial_values(model, SEED)):",
        "    variable.assign(value)",
        "for i, dropout_seed in enumerate(model.non_trainable_variables):",
        "    dropout_seed.assign([SEED, i * 2**20])",
    ]
    if "loss_weights" in changed:
        weights = "loss_weights"
        lines += [
            "# Variables, since a dict of floats is read once: to change it later does nothing.",
            "loss_weights = {head: keras.Variable(w) for head, w in LOSS_WEIGHTS.items()}",
        ]
    lines += [
        "model.compile(",
        f"    optimizer={optimizer_source(course, changed)},",
        "    loss={",
        *(f'        "{head.name}": "categorical_crossentropy",' for head in OUTPUTS),
        "    },",
        f"    loss_weights={weights},",
        f"    metrics={literal({head.name: 'accuracy' for head in OUTPUTS})},",
        "    jit_compile=False,  # small steps: XLA would cost more than it saves",
        ")",
        "fit = {",
        '    "validation_data": for_fit(validation, np.arange(len(validation))),',
        '    "validation_batch_size": len(validation),',
        '    "shuffle": False,  # the order of the batches is that of the run',
        *(['    "callbacks": [Changes()],'] if course.changes else []),
        '    "verbose": 2,',
        "}",
    ]
    whole, rest = divmod(course.steps, course.config.eval_interval)
    if whole:
        lines.append(
            "history = model.fit("
            "Batches(training), steps_per_epoch=EPOCH, epochs=STEPS // EPOCH, **fit)"
        )
    if rest and whole:
        lines += [
            "last = model.fit(",
            "    Batches(training, first=STEPS - STEPS % EPOCH),",
            "    steps_per_epoch=STEPS % EPOCH,",
            "    initial_epoch=STEPS // EPOCH,",
            "    epochs=STEPS // EPOCH + 1,",
            "    **fit,",
            ")",
        ]
    elif rest:
        lines.append("history = model.fit(Batches(training), steps_per_epoch=STEPS, **fit)")
    return "\n".join(lines)


def optimizer_source(course: Course, changed: set[str]) -> str:
    """The optimizer as `compile` takes it."""
    config = course.config
    if config.optimizer == "adam":
        return f"keras.optimizers.Adam(learning_rate={config.learning_rate!r})"
    momentum = max(config.momentum, LEAST_MOMENTUM if "momentum" in changed else 0.0)
    return f"keras.optimizers.SGD(learning_rate={config.learning_rate!r}, momentum={momentum!r})"


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
