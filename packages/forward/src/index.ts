export { derivative, type JvpOptions, jvp, type Pushforward, pushforward } from "./jvp.js";
