"""What differs between two builds of the star, and why: every changed row with its cause, derived from evidence."""
