/// Small recordings with their right answers, which were worked out before the analyses were asked.
@NullMarked
package dev.hourglass.core.cases;

import org.jspecify.annotations.NullMarked;
