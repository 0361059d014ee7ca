/// What a model costs: layers of operators, and each operator's parameters, FLOPs, bytes and cache,
/// which follow from closed forms.
///
/// A formula stands in one place only: parameters in [Operator], FLOPs in [Flops], cached elements in
/// [Cache], which tokens attention sees in [Reach], bytes in [Traffic], experts touched in [Distinct].
/// Which architecture has which operators is `model.family`'s, which file says so `model.checkpoint`'s.
///
/// May import `unit`. Knows no file, no device, no measurement and no terminal.
@NullMarked
package dev.hourglass.core.model;

import org.jspecify.annotations.NullMarked;
