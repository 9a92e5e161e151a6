"""The language model, asked by official clients and by plain HTTP."""
