export { fftfreq } from "./fftfreq.js";
