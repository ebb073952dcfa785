"""Loss weights that something else than the desk puts into it: a lesson, a map's point."""

from core.run.weights import LossWeights
from dashboard import service, state


def take_weights(weights: LossWeights) -> None:
    """Put all weights of the selected lane to these; a run in training is steered to them."""
    run = state.run()
    if run and not run.is_finished:
        run.check(state.visitor())
        service.engine().move_loss_weights(run.id, state.lane(), weights.root)
    else:
        state.set_loss_weights(weights)
