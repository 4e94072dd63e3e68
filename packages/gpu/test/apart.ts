import type { KernelName } from "@ad/core/internals/backend";
import type { ArrayList, Aval, Operation } from "@ad/core/internals/trace";
import { Gpu } from "../src/engine/device.js";
import type { KernelContext } from "../src/engine/kernel.js";
import { isWhole } from "../src/engine/planning.js";
import { Recording } from "../src/engine/recording.js";
import type { GpuView, Storage } from "../src/engine/storage.js";
import type { Write } from "../src/webgl/emitter.js";
import { WebGL } from "../src/webgl/graphics.js";

/**
 * A GPU that computes each operation in a program of its own, from compact operands: what is a view is copied first. Programs are
 * compiled once for each operation then, not for each manner of reading, and a test of many samples takes seconds instead of minutes.
 * That views are read right, and chains joined, is for other tests to see.
 */
export class Apart extends Gpu<Write> {
  /** The operations with rules of their own that it has computed on the host. */
  readonly hosted = new Set<string>();

  constructor() {
    super(new WebGL({}), 2 ** 28, 1);
  }

  override call(operation: Operation, inputs: ArrayList): ArrayList {
    if (operation.shape) this.hosted.add(operation.name);
    return super.call(operation, inputs);
  }

  override defer(op: string, operands: readonly GpuView[], out: Aval): Storage {
    return super.defer(op, op === "copy" ? operands : compact(this, operands), out);
  }

  override run(name: KernelName, operands: readonly GpuView[], params: unknown, out: Aval): Storage {
    return super.run(name, compact(this, operands), params, out);
  }

  override recording(): Recording<Write> {
    return new ApartRecording(this);
  }
}

/** The same of what is recorded. */
class ApartRecording extends Recording<Write> {
  override defer(op: string, operands: readonly GpuView[], out: Aval): Storage {
    return super.defer(op, op === "copy" ? operands : compact(this, operands), out);
  }

  override run(name: KernelName, operands: readonly GpuView[], params: unknown, out: Aval): Storage {
    return super.run(name, compact(this, operands), params, out);
  }
}

const compact = (context: KernelContext<Write>, operands: readonly GpuView[]): readonly GpuView[] =>
  operands.map((x) =>
    isWhole(x) || x.storage.constant !== undefined ? x : context.view(context.defer("copy", [x], x.aval), x.aval.shape),
  );
