"""The page Map: the whole triangle of loss weights, trained at once."""
