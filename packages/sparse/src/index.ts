export type { Pattern } from "./pattern.js";
