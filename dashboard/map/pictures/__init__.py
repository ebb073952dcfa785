"""The pictures of a weight map: all its settings as a triangle or a line, and the Pareto front."""
