import type { Case } from "../case.js";

/** A law that holds for every function: `check` throws where it does not. */
export interface Identity {
  /** Whether it says anything about the case. */
  readonly applies: (c: Case) => boolean;
  readonly check: (c: Case) => void;
}

export const always = (): boolean => true;
