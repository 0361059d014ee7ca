/// NVIDIA's run-time compiler (`libnvrtc.so`): from CUDA C++ text to machine code of the device.
@NullMarked
package dev.hourglass.device.ffi.nvrtc;

import org.jspecify.annotations.NullMarked;
