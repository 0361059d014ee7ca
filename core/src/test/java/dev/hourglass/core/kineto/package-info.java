/// Generates traces as PyTorch's profiler writes them, of any size, with an answer sheet that says what
/// a reader must find. No part of it uses the product.
package dev.hourglass.core.kineto;
