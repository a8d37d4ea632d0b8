"""Transfer of a model to a data set of images with one class each: zero-shot, linear probe, few-shot, fine-tuning."""
