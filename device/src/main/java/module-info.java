/// Everything that touches a native library through `java.lang.foreign`.
module dev.hourglass.device {
    requires static org.jspecify;
    requires transitive dev.hourglass.core;

    exports dev.hourglass.device.bench;
    exports dev.hourglass.device.bench.process;
    exports dev.hourglass.device.collect;
    exports dev.hourglass.device.doctor;
    exports dev.hourglass.device.host;
    exports dev.hourglass.device.llama;
}
