"""Tests of what lies beside the function folders."""
