/// Where experts should be: what a memory of a given size would have held of the experts that a recorded run chose,
/// under several policies, and what a token would then have taken.
///
/// Owns the simulation ([CacheSimulation]), what is read of a session for it ([ExpertRun]), and the costs
/// ([ExpertCosts]).
@NullMarked
package dev.hourglass.core.placement;

import org.jspecify.annotations.NullMarked;
