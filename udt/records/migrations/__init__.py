"""Migrations of the tables; `Database.open` runs them."""
