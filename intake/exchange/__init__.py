"""Data of other programs, in and out: one file a format. What comes in is checked first (`incoming`), what goes out goes
by a profile (`profiles`). Importing this package loads none of them."""
