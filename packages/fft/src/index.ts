/** Arithmetic of complex numbers, which are pairs `{ re, im }` of arrays. */
export * as complex from "./complex.js";
export { type CosineOptions, type CosineType, dct, idct } from "./dct.js";
export { fft, fft2, fftn, ifft, ifft2, ifftn, irfft, irfftn, rfft, rfftn } from "./fft.js";
export { fftfreq, rfftfreq } from "./frequencies.js";
export type { GridOptions, LineOptions, Norm } from "./lines.js";
export type { Complex, ComplexLike } from "./pairs.js";
export { fftshift, ifftshift } from "./shift.js";
