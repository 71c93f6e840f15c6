"""In: nothing. Out: per dialect, the names of functions that compute and do nothing else."""
