/// The command line, the recorder, the live server.
module dev.hourglass.app {
    requires static org.jspecify;
    requires dev.hourglass.core;
    requires dev.hourglass.device;
    requires jdk.httpserver;
    requires info.picocli;
    requires org.jline;
    requires org.tukaani.xz;

    opens dev.hourglass.app.cli to
            info.picocli;
}
