import type { NDArray } from "@ad/core";
import { Elements, type Memory } from "./elements.js";
import { baseOf, type Emitter, elementAt, nameOf } from "./emit.js";
import type { Loop } from "./steps.js";

/** One lane of what a plan places. */
class Lane extends Elements {
  constructor(readonly emitter: Emitter) {
    super(emitter.functions, () => emitter.name(), 1);
  }

  override memory(x: NDArray, isTable?: boolean): Memory {
    const { buffer, offset, stride } = this.emitter.place(x);
    if (isTable) return { stride, offset, depth: 1, at: (position) => `${nameOf(buffer)}[${baseOf(buffer)}${position}]` };
    const [along, ...rest] = stride;
    const isFixed = along === 0;
    return {
      stride: rest,
      offset,
      depth: isFixed ? 1 : 2,
      data: isFixed ? buffer.data : undefined,
      at: (position) => elementAt(buffer, position as number, [along]),
    };
  }
}

/** A loop over lanes. */
export function lanes({ shape: [n], elements }: Loop, emitter: Emitter): string {
  const lane = new Lane(emitter);
  lane.open();
  for (const step of elements) {
    lane.compute(step);
    const { out } = step;
    if (!emitter.plan.stored.has(out)) continue;
    const { buffer } = emitter.place(out);
    const own = lane.valueOf(out);
    lane.write(...own.map((name, i) => `${elementAt(buffer, i, [own.length])} = ${name};`));
  }
  const inside = lane.close();
  return [...lane.close(), `for (let p0 = 0; p0 < ${n}; p0++) {`, ...inside, "}"].join("\n");
}
