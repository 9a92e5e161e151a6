"""What the functions share: kernel, areas, adapters and the runtime edge."""
