"""The page Compare: curves of several runs over one another."""
