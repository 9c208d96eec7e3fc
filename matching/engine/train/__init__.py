"""Makes the shipped weights again from a folder of occupations and skills; used by commands alone."""
