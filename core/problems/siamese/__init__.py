"""The network of the article: two images, one trunk, three heads; and pairs of images for it."""
