package dev.hourglass.device.llama;

/// What runs in the engine's process.
final class EngineMain {
    private EngineMain() {}
}
