"""How numbers, metrics and words of the trade are written on all pages. Pure."""
