"""The page Runs: every run, to be found, named, taken away."""
