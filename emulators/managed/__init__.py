"""Real PostgreSQL and Redis servers, started without a container, an account or a system change."""
