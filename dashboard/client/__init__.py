"""What all pages in the browser are made of; and where the browser finds its scripts.

The rooms are the browser's; here is Python's side, and in `types.js` what it hands over.
"""
