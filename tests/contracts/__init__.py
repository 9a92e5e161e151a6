"""Each port's test, on fake and adapter."""
