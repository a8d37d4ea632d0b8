"""Importers of kinds of data sets, one module each; `registry` lists them."""
