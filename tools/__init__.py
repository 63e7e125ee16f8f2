"""What authors run: execute, normalise, check and begin notebooks; run as ``python -m tools.<name>``."""
