/// NVIDIA's management library (`libnvidia-ml.so.1`) through `java.lang.foreign`: what a GPU is, and what it does now.
///
/// Owns, each in a class of its own: the functions with their C prototypes ([NvmlFunction]), finding and opening the
/// library ([NvmlLibrary]), its handles ([NvmlBindings]), struct layouts ([NvmlLayouts]), the lifetime of an opened
/// library ([Nvml]) and of GPM's samples ([GpmWindow]), and the calls on one GPU ([NvmlDevice]). A library or a function
/// that is not there, or that refuses, is a value with a reason ([Reading]). Not exported. Imports no package of
/// Hourglass.
@NullMarked
package dev.hourglass.device.ffi.nvml;

import org.jspecify.annotations.NullMarked;
