"""One module per file format: path in, grids of typed cells out, nothing guessed."""
