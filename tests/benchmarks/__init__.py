"""Speed and memory, each script run by hand (`python -m tests.benchmarks.NAME`): ratios, never a timed test."""
