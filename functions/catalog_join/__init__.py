"""Joins stored titles that turn out to be one."""
