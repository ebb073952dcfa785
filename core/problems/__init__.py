"""What a run can train: a model with several losses, and data for it."""
