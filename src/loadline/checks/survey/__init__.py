"""What data shows of itself: relations in, the statements to run and the facts their rows amount to out."""
