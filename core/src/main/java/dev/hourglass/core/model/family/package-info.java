/// Families of models: which keys each reads and of which operators its layers are made. A family is an
/// entry in the list of its kind and a recipe over [Blocks].
///
/// May import `model` and `model.keys`. Knows no file and no quantisation.
@NullMarked
package dev.hourglass.core.model.family;

import org.jspecify.annotations.NullMarked;
