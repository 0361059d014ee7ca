package dev.hourglass.device.ffi.llama;

/// Is asked about every node of the compute graph, in order, while a graph runs.
///
/// Called on the thread that decodes, between pieces of the computation: what it does is part of the
/// step's time.
public interface NodeObserver {
    /// Whether the engine should stop after this node, that is compute it and all nodes since the
    /// last stop, wait for all threads, and call [#computed(long)].
    ///
    /// @param node address of the node
    boolean wanted(long node);

    /// The node is computed; its data and that of the nodes that later ones still need can be read.
    void computed(long node);
}
