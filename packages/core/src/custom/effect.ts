import type { ArrayList, Operation } from "../engine/operation.js";
import { call } from "../engine/trace.js";

/**
 * Shows arrays to a function in every transformation: in each run of a program, of a batch with all lanes at once, and in grad the values alone. It
 * has no results, so that there is nothing to differentiate.
 */
export function effect(name: string, look: (values: ArrayList) => void, values: ArrayList): void {
  const operation: Operation = {
    name,
    effect: true,
    forward(inputs) {
      look(inputs);
      return [];
    },
    shape: () => [],
    jvp: (inputs) => [call(operation, inputs), []],
    vmap: (inputs) => call(operation, inputs),
    record: (tape, inputs) =>
      call(
        operation,
        inputs.map((x) => tape.lower(x)),
      ),
  };
  call(operation, values);
}
