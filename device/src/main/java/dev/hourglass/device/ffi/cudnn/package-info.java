/// NVIDIA's library of neural networks (`libcudnn.so.9`), by its graph interface: attention and convolution.
@NullMarked
package dev.hourglass.device.ffi.cudnn;

import org.jspecify.annotations.NullMarked;
