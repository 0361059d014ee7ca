"""An engine that behaves like vLLM where the probe looks: for tests, in the standard library alone."""

__version__ = "0.0.tiny"
