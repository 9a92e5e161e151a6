"""What a whole account may see, and when; the PIN that guards it."""
