"""The texts of the lessons, a file each, in Markdown; `lessons.py` says what its marks mean."""
