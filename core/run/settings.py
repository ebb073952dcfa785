"""A model of settings: frozen, checked, and refusing bad values in sentences."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from core.errors import ConfigError


class Settings(BaseModel):
    """Frozen, strict about names, and refusing bad values with a `ConfigError`."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    def __init__(self, /, **values: Any):
        try:
            super().__init__(**values)
        except ValidationError as error:
            raise ConfigError(refusal(type(self), error)) from None

    @classmethod
    def names(cls) -> tuple[str, ...]:
        """The settings, in the order in which they are told."""
        return tuple(cls.model_fields)

    @classmethod
    def called(cls) -> str:
        """The name by which one makes them."""
        return cls.__name__


def refusal(model: type[Settings], error: ValidationError) -> str:
    """One sentence a problem: field, value, what is allowed, and the default as remedy."""
    sentences = []
    for problem in error.errors():
        if not problem["loc"] and problem["type"] == "value_error":
            # Several settings do not go together.
            sentences.append(problem["msg"].removeprefix("Value error, "))
            continue
        # A name that is no text, such as half a surrogate pair, stands nowhere.
        name = str(problem["loc"][0] if problem["loc"] else problem["input"])
        came = repr(problem["input"])
        field = model.model_fields.get(name)
        if field is None:
            called = name if name.isidentifier() else repr(name)
            sentences.append(
                f"{called[:60]} is not a setting of {model.called()}. There are: "
                f"{', '.join(model.names())}."
            )
            continue
        sentences.append(
            f"{name} = {came[:80]} is refused: {problem['msg']}. "
            f"Allowed: {allowed(field)}. The default is {field.default!r}."
        )
    return " ".join(sentences)


def allowed(field) -> str:
    """The values that a field takes, in words."""
    choices = getattr(field.annotation, "__args__", ())
    if getattr(field.annotation, "__origin__", None) is Literal:
        return " or ".join(repr(choice) for choice in choices)
    if in_words := (field.json_schema_extra or {}).get("in_words"):
        return in_words
    kind = "a whole number" if field.annotation is int else "a finite number"
    low, high = bounds(field)
    unit = unit_of(field)
    return f"{kind} from {low:,} to {high:,}{' ' + unit if unit else ''}"


def unit_of(field) -> str:
    """The unit of a field, empty if it has none."""
    return (field.json_schema_extra or {}).get("unit", "")


def bounds(field) -> tuple[float, float]:
    """The least and the greatest value of a numeric field."""
    low = next(m.ge for m in field.metadata if hasattr(m, "ge"))
    high = next(m.le for m in field.metadata if hasattr(m, "le"))
    return low, high


def setting(default, help_text, *, short=None, live=False, unit="", in_words="", **limits):
    """A field of `RunConfig`; `live` ones may change within a run, fixed ones start a new one.

    `short` stands before its value in the name of a run; without one it is not named there.
    `in_words` is what may be given, where the field does not tell.
    """
    extra = {"short": short, "live": live, "unit": unit, "in_words": in_words}
    return Field(default=default, description=help_text, json_schema_extra=extra, **limits)
