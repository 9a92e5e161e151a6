"""Pages on which users decide about applications, devices and their account."""
