"""Speed and quality beside the peers, measured in one run: `make bench`, or `python -m benchmarks`."""
