"""Areas on fakes, without sockets."""
