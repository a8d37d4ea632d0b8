"""Normalisation of ultrasound text: mentions, their context, the places that they name, and findings."""
