"""What goes on inside a model in training, measured while somebody looks."""
