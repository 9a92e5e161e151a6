"""Emulators judged by the official clients."""
