"""Labels of the text, and findings with an organ, a side and measurements."""
