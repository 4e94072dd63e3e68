import type { ESLint, Linter } from "eslint";
import { noArrayCondition } from "./no-array-condition.js";
import { noArrayOperator } from "./no-array-operator.js";

const plugin: ESLint.Plugin = {
  meta: { name: "@ad/eslint-plugin", namespace: "@ad" },
  rules: { "no-array-condition": noArrayCondition, "no-array-operator": noArrayOperator },
};

/** Both rules, as errors. They need the types that typescript-eslint's parser gives. */
const recommended: Linter.Config = {
  name: "@ad/recommended",
  plugins: { "@ad": plugin },
  rules: { "@ad/no-array-condition": "error", "@ad/no-array-operator": "error" },
};

/** A plugin, with a configuration that a project's own can hold. */
export interface Plugin extends ESLint.Plugin {
  readonly configs: { readonly recommended: Linter.Config };
}

/** ESLint's plugin of code that uses `@ad/core`: its rules, and `configs.recommended`, which turns them on. */
const complete: Plugin = { ...plugin, configs: { recommended } };

export default complete;
