"""Other programs that read SQL: a text in, what they read in it out."""
