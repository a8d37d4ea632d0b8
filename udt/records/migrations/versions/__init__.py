"""Migrations, one file each; `revision` and `down_revision` define their order."""
