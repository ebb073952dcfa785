"""Which variables make a layer, and which losses reach them: computed, of any model."""

from collections.abc import Sequence

from core.run.layers import Layer, Layers


def layers_of(
    paths: Sequence[str], reached: Sequence[tuple[int, ...]]
) -> tuple[Layers, list[list[int]]]:
    """The layers of a model, in the order of their first variables.

    Where a layer has variables that are shared and others that are not, these are two.

    Args:
        paths: Of the trainable variables, such as "trunk/hidden/kernel".
        reached: Of each variable, the places of the heads whose losses reach it.

    Returns:
        The layers, and for each where its variables are.
    """
    found: dict[tuple[str, bool], list[int]] = {}
    for place, (path, heads) in enumerate(zip(paths, reached, strict=True)):
        # A variable of the model itself is a layer of its own.
        layer = path.rpartition("/")[0] or path
        found.setdefault((layer, len(heads) > 1), []).append(place)
    names = told_apart([layer for layer, _ in found])
    layers = tuple(
        Layer(
            names[layer] if is_shared or (layer, True) not in found else f"{names[layer]}, own",
            tuple(sorted({head for place in places for head in reached[place]})),
        )
        for (layer, is_shared), places in found.items()
    )
    return layers, list(found.values())


def told_apart(paths: Sequence[str]) -> dict[str, str]:
    """For each path as many of its last parts as tell it from all others."""
    every = set(paths)

    def end(path: str, n: int) -> str:
        return "/".join(path.split("/")[-n:])

    names = {}
    for path in every:
        lengths = range(1, path.count("/") + 2)
        alone = (n for n in lengths if [end(other, n) for other in every].count(end(path, n)) == 1)
        names[path] = end(path, next(alone, len(lengths)))
    return names
