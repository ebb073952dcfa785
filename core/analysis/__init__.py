"""What records and measurements say, as pure functions of them."""

from core.analysis.maps import pareto_front, weight_map

__all__ = ["pareto_front", "weight_map"]
