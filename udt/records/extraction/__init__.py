"""Labels of captions by the rules, by a language model, or by both."""
