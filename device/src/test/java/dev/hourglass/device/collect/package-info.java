/// Tests of the collectors, on planted kernel files and on the running machine.
@NullMarked
package dev.hourglass.device.collect;

import org.jspecify.annotations.NullMarked;
