"""`python3 -m tests.benchmarks`: how fast, how soon, how big, against plain Keras and our goals.

`results` is for what loss weights do.
"""
