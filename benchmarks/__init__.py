"""The demo, the zip and the measurements: programs about the product, not part of it."""
