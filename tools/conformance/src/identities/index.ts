import { batch } from "./batch.js";
import { choices } from "./choices.js";
import { first } from "./first.js";
import type { Identity } from "./identity.js";
import { products } from "./products.js";
import { second } from "./second.js";

/** All laws, by name. */
export const identities: Readonly<Record<string, Identity>> = { ...first, ...choices, ...batch, ...second, ...products };
