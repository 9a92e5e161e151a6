"""Each handle over the emulators."""
