"""A model as a `.keras` file that opens in older versions of Keras than the one that wrote it."""

import inspect
import json
from importlib import import_module
from pathlib import Path
from zipfile import ZipFile

import keras

OLDEST = "3.4"  # older ones have another form for a model with one input, as the trunk is
CONFIG = "config.json"


def save(model: keras.Model, path: Path) -> None:
    """Write a model to a file, whose name ends in `.keras`; see `without_defaults`."""
    model.save(path)
    make_plain(path)


def make_plain(path: Path) -> None:
    """Leave out of a file what older versions of Keras may not know and do not need."""
    with ZipFile(path) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    config = without_defaults(json.loads(entries[CONFIG]))
    entries[CONFIG] = json.dumps(config).encode()
    with ZipFile(path, "w") as archive:
        for name, content in entries.items():
            archive.writestr(name, content)


def without_defaults(config):
    """A configuration as `keras.saving` writes it, without what it says needlessly.

    Keras writes down every argument, and refuses a file with one that it does not know. So an
    argument of a later version, such as `quantization_config`, shuts out all earlier ones even
    where it is at its default; left out, each version takes its own. Of layers and initializers
    no default has changed since Keras 3.0.

    Args:
        config: The configuration of a model, a layer or an initializer, or any part of one.
    """
    if isinstance(config, list):
        return [without_defaults(part) for part in config]
    if not isinstance(config, dict):
        return config
    config = {name: without_defaults(part) for name, part in config.items()}
    arguments = config.get("config")
    if isinstance(arguments, dict) and (of_class := _class_of(config)):
        needless = {
            name
            for name, parameter in inspect.signature(of_class).parameters.items()
            if name in arguments and arguments[name] == _as_json(parameter.default)
        }
        if issubclass(of_class, keras.Operation) and not issubclass(of_class, keras.Layer):
            needless.add("name")  # it stands beside the arguments; until Keras 3.10 there alone
        config["config"] = {k: v for k, v in arguments.items() if k not in needless}
    return config


def _class_of(config: dict) -> type | None:
    """The class that a part of a configuration is of, as far as it can be found."""
    try:
        found = getattr(import_module(config["module"]), config["class_name"])
    except (KeyError, TypeError, AttributeError, ImportError):
        return None
    return found if isinstance(found, type) else None


def _as_json(value):
    return list(value) if isinstance(value, tuple) else value
