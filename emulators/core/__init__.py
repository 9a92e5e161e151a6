"""Clock, errors, journal, faults and wire binding that every emulator uses."""
