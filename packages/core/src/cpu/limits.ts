/** Sizes at which the CPU changes its method. They are not constants, so that tests can run every method at every size. */
export const limits = {
  /** Bytes: smaller arrays share a slab. */
  slab: 1 << 9,
  /** Bytes: smaller buffers come from memory that the allocator has at hand, and are not worth keeping. */
  large: 1 << 15,
  /** Bytes: smaller results are computed at once. */
  lazy: 1 << 17,
  /** Elements, in all and along the last axis: with fewer JavaScript is ahead of WebAssembly. */
  vectors: 1 << 7,
  /** Elements: few columns of so many are put one behind the other. */
  column: 1 << 10,
  /** Elements: a value that waits is computed in parts of about so many for an operation that reads it so. */
  part: 1 << 15,
};
