"""The settings of a training: sections, presets and checks."""
