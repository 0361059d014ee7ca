/// From SQL to rows: access to a session's database.
///
/// Owns: [Session], [Rows], and [Change], the one way to write into a session that stands. May import `store`,
/// `trace`,
/// `unit`. With `store` and the readers of SQL
/// formats the only package that touches `java.sql`.
@NullMarked
package dev.hourglass.core.query;

import org.jspecify.annotations.NullMarked;
