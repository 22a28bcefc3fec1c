"""Why a published number is what it is: worked out again from the cells of the star, and told as a tree.

Shares no code with the models. `values.py` has the ways to a value, each way its own module; `star.py` reads what a
release holds. Nothing here knows a home, a file or a screen.
"""
