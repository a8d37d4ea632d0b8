"""Methods that compute label similarities."""
