"""Group mentions into findings with an organ, a side and sizes."""
