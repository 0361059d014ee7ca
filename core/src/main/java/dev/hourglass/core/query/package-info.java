/// From SQL to rows: read-only access to a session's database.
///
/// Owns: [Session], [Rows]. May import `store`, `trace`, `unit`. With `store` and the readers of SQL
/// formats the only package that touches `java.sql`.
@NullMarked
package dev.hourglass.core.query;

import org.jspecify.annotations.NullMarked;
