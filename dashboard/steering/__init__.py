"""Widgets that become commands: loss weights, settings, and what is done with a run."""
