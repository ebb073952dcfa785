"""Which images there are to make pairs of: built in, fetched, or one's own."""
