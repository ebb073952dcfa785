"""What is told where something cannot be measured."""

from core.errors import ExplorerError

BUSY = "A run is in training: what the next one would begin with is measured when it has ended."
NOT_HERE = "The images of {dataset} are not here yet: they are fetched with the first run."


def in_words(error: Exception) -> str:
    """What went wrong, in a sentence if there is one."""
    return (
        str(error) if isinstance(error, ExplorerError) else f"{type(error).__name__}: {error}"[:400]
    )
