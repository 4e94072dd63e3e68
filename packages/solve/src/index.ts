export { applyUpdates } from "./apply-updates.js";
