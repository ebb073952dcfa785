"""What a problem shows of its own: pairs and their embeddings, scenes, digits."""
