/// What a model costs, from its configuration alone: an architecture becomes layers of operators,
/// and each operator's parameters, FLOPs, bytes and cache follow from closed forms.
///
/// A family ([Families]) is a description: which keys it reads and which operators its layers are
/// made of. A formula stands in one place only: parameters in [Operator], FLOPs in [Flops], cached
/// elements in [Cache], bytes in [Traffic], experts touched in [Distinct].
///
/// May import `unit`. Knows no device, no measurement and no terminal.
@NullMarked
package dev.hourglass.core.model;

import org.jspecify.annotations.NullMarked;
