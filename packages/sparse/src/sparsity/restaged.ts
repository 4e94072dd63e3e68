import type { ArrayList, ControlFlow, Stager } from "@ad/core/internals/trace";

/** A branch or a loop that was staged, as another stager makes it of its programs' equations. */
export function restaged(operation: ControlFlow, by: Stager, inputs: ArrayList): ArrayList {
  const { name, programs, flow } = operation;
  const runs = programs.map((graph) => (own: ArrayList) => graph.run(own) as ArrayList);
  if (flow === "choose") return by.choose(name, inputs[0], runs, inputs.slice(1));
  const constants = inputs.slice(0, operation.constants);
  const own = inputs.slice(operation.constants);
  const [first, body] = runs.map((run) => (state: ArrayList) => run([...constants, ...state]));
  if (flow === "whileLoop") return by.whileLoop(name, (state) => first(state)[0], body, own);
  const { state: count, length, reverse } = operation;
  const turned = (list: ArrayList): ArrayList => (reverse ? list.map((x) => x.flip(0)) : list);
  const step = (state: ArrayList, row: ArrayList): readonly [ArrayList, ArrayList] => {
    const outs = first([...state, ...row]);
    return [outs.slice(0, count), outs.slice(count)];
  };
  const [last, ys] = by.scan(name, step, own.slice(0, count), turned(own.slice(count)), length, false);
  return [...last, ...turned(ys)];
}
