"""Texts as vectors: MiniLM in process over ONNX Runtime, or Vertex AI."""
