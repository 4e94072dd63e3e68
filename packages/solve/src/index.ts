export { applyUpdates } from "./apply-updates.js";
export * from "./optimizers.js";
export * from "./schedules.js";
