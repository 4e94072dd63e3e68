export * from "./arithmetic";
export * from "./choice";
export * from "./copy";
export * from "./fold";
export * from "./functions";
export * from "./gemm";

/** From here on memory is free. */
export const free: usize = __heap_base;
