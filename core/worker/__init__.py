"""The training process: takes commands, gives runs their turns, records what they find."""
