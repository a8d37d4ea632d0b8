"""`udt similarity`: build, show, check and compare label similarity."""
