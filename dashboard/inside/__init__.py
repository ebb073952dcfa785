"""The page Inside: who pulls on the trunk, and what the model sees."""
