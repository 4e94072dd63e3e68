import type { NDArray } from "../array/ndarray.js";
import { TransformError } from "../engine/errors.js";
import type { ArrayList, ControlFlow } from "../engine/operation.js";
import { stack } from "../ops/movement.js";

/** A branch or a loop that was staged, one operation after the other: the branch that is taken, and the turns that are. */
export function unrolled(own: ControlFlow, inputs: ArrayList): ArrayList {
  const run = (program: number, all: ArrayList): ArrayList => own.programs[program].run(all) as ArrayList;
  const valueOf = (x: NDArray): number => {
    const known = x.bottom();
    if (known?.ndim === 0) return known.to("cpu").item() as number;
    throw new TransformError(`${own.name}: which way it goes is not known here; leave jit out, or choose with where(condition, a, b).`);
  };
  if (own.flow === "choose") return run(valueOf(inputs[0]), inputs.slice(1));
  const isScan = own.flow === "scan";
  const end = isScan ? own.constants + own.state : inputs.length;
  const constants = inputs.slice(0, own.constants);
  const count = end - own.constants;
  const collected: ArrayList[] = [];
  let state = inputs.slice(own.constants, end);
  for (let k = 0; isScan ? k < own.length : valueOf(run(0, [...constants, ...state])[0]); k++) {
    const at = isScan && own.reverse ? own.length - 1 - k : k;
    const outs = run(isScan ? 0 : 1, [...constants, ...state, ...inputs.slice(end).map((x) => x.slice(at))]);
    state = outs.slice(0, count);
    collected[at] = outs.slice(count);
  }
  return [...state, ...(collected[0] ?? []).map((_, i) => stack(collected.map((each) => each[i])))];
}
