"""All state of the emulators as a readable folder, and runs that can be replayed."""
