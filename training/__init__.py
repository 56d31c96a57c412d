"""Fine-tuning: labelled stories and a small base transformer → a model folder that `classifier` reads."""
