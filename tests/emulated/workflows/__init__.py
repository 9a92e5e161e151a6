"""The workflows emulator behind its official clients."""
