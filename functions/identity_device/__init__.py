"""Devices without a keyboard that ask to be let in."""
