"""Methods that compute label similarities, one module each; `registry` lists them."""
