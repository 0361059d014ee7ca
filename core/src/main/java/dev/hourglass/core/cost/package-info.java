/// What a step should cost: a model on a device, for the steps that were timed.
///
/// Owns: [ModelAssessment] (least times of a model on a device), [StepCosts] (the costs of timed steps,
/// into the tables `op_cost` and others), [Peaks]. May import `model`, `hardware`, `query`, `store`.
@NullMarked
package dev.hourglass.core.cost;

import org.jspecify.annotations.NullMarked;
