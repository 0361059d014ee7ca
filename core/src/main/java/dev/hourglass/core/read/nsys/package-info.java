/// Exports of Nsight Systems, and a clear word about its own report files.
///
/// Owns: [NsysSqliteReader] and [NsightReportReader]. May use `java.sql`, and import `read`, `engine`,
/// `trace`, `unit`; no other family of readers.
@NullMarked
package dev.hourglass.core.read.nsys;

import org.jspecify.annotations.NullMarked;
