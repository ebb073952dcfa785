"""A variational autoencoder of the handwritten digits: rebuild them, and tell little of them."""
