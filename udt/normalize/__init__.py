"""Reads ultrasound text: mentions, their context, the places they name, and the findings they make up."""
