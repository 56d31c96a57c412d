"""Speed and quality, side by side with what people use today. Run from a checkout: `python -m benchmarks.batch`."""
