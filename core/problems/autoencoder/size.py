"""How large the autoencoder is, told without building it."""

from core.problems.autoencoder.digits import N_CLASSES, SIDE
from core.problems.autoencoder.settings import AutoencoderConfig

CLASSIFYING = 32  # units of the classifier's hidden layer


def n_parameters(config: AutoencoderConfig) -> int:
    """Number of the model's trainable parameters."""
    pixels, hidden, latent = SIDE**2, config.hidden_size, config.latent_size
    layers = (  # what each sees, and gives
        *((pixels, hidden), (hidden, latent), (hidden, latent)),
        *((latent, hidden), (hidden, pixels)),
        *((latent, CLASSIFYING), (CLASSIFYING, N_CLASSES)),
    )
    return sum((sees + 1) * gives for sees, gives in layers)
