export { applyUpdates } from "./apply-updates.js";
export { type CubicSpline, cubicSpline, type SplineBoundary, type SplineOptions } from "./cubic-spline.js";
export * from "./optimizers.js";
export { type QuadOptions, type QuadResult, quad } from "./quad.js";
export * from "./schedules.js";
