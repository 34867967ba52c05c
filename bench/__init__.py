"""Benches: figures of the product beside the floor that bounds it and what people would build instead."""
