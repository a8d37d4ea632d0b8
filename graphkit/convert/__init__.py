"""Conversions of sample graphs to DGL, PyTorch Geometric, NetworkX and padded tensors."""
