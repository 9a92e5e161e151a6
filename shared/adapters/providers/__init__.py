"""Where catalogs come from: provider APIs and files."""
