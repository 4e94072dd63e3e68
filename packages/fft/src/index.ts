export { fft, fft2, fftn, ifft, ifft2, ifftn, irfft, irfftn, rfft, rfftn } from "./fft.js";
export { fftfreq } from "./fftfreq.js";
export type { GridOptions, LineOptions, Norm } from "./lines.js";
export type { Complex, ComplexLike } from "./pairs.js";
