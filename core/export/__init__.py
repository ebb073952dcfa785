"""Runs taken away, one module a form, and taken in again. Nothing here is loaded by `core`."""
