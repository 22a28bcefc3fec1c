"""Reading: one file of one source in, rows of one shape out. Pure Python; never imports dagster."""
