package dev.hourglass.device.llama;

import java.nio.file.Path;
import java.util.List;

/// A run that uses a GPU.
///
/// @param run what is run; of granularity and barriers nothing is asked
/// @param placement of the model
/// @param observing how
/// @param preload libraries that the engine's needs, in the order in which they are loaded
/// @param places directories in which CUPTI may lie
public record DeviceRequest(
        EngineRequest run, Placement placement, Observing observing, List<Path> preload, List<Path> places) {
    public DeviceRequest {
        preload = List.copyOf(preload);
        places = List.copyOf(places);
    }

    /// The same, observed in another way.
    public DeviceRequest observing(Observing how) {
        return new DeviceRequest(run, placement, how, preload, places);
    }

    /// Where the activities of a run are kept until they are in the database, beside its log.
    public static Path activities(Path log) {
        return log.resolveSibling(log.getFileName() + ".activities");
    }
}
