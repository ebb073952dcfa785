"""What all pages in the browser are made of; and where the browser finds its scripts."""
