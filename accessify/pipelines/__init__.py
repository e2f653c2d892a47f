"""The flows: stages and edges put together, nothing else."""
