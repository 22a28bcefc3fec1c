"""Whole-process timings, side by side in one run: `make bench`. Ratios count, not seconds: machines are noisy."""
