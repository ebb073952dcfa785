"""The live figures of the lessons: what they compute, draw, and say in words."""
