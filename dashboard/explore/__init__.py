"""The page Explore: train, steer, race, fork and rewind a run, and watch its curves."""
