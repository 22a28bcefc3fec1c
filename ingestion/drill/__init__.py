"""Faults that publishers make, put into real files by seed, so that the checks can be checked."""
