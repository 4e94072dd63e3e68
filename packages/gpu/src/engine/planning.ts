import { isRowMajor } from "@ad/core/internals/backend";
import { topologicalOrder } from "@ad/core/internals/trace";
import { type GpuView, type LazyExpression, Storage } from "./storage.js";

/** The most operations that one program joins, and the most arrays that it reads. */
export const maxOperations = 64;
const maxArrays = 12;

/** The number of programs that an expression is written out into before it is materialised. */
const maxInlined = 3;

/** Returns whether a view is all of a storage, in its order. */
export const isWhole = (x: GpuView): boolean => x.offset === 0 && x.aval.size === x.storage.place.size && isRowMajor(x);

/** The expressions that a program writes out in order to read these views. A view that reorders an expression needs its elements in memory. */
const inlinedFor = (views: readonly GpuView[]): Storage[] => views.flatMap((x) => (x.storage.lazy && isWhole(x) ? [x.storage] : []));

/** The same with all that they are made of, each after its own inputs. */
export const steps = (views: readonly GpuView[]): Storage[] =>
  topologicalOrder(inlinedFor(views), ({ expression }) => inlinedFor(expression?.inputs ?? []));

/** The same views of expressions that stay as they are, whatever of them is computed later. */
export function frozen(views: readonly GpuView[]): GpuView[] {
  const copies = new Map<Storage, Storage>();
  const copied = ({ aval, storage, stride, offset }: GpuView): GpuView => ({
    aval,
    storage: copies.get(storage) ?? storage,
    stride,
    offset,
  });
  for (const storage of steps(views)) {
    const { operation, inputs } = storage.expression as LazyExpression;
    const copy = new Storage(storage.place);
    copy.expression = { operation, inputs: inputs.map(copied) };
    copies.set(storage, copy);
  }
  return views.map(copied);
}

/**
 * The numbers of operations and of arrays read of the program that applies an operation to these inputs. It runs whenever an operation is put
 * off, and counts without an order (docs/decisions/0024).
 */
function census(inputs: readonly GpuView[]): { operations: number; arrays: number } {
  const seen = new Set<Storage>();
  let operations = 1;
  const visit = (x: GpuView): void => {
    const { storage } = x;
    if (seen.has(storage) || storage.constant !== undefined) return;
    seen.add(storage);
    if (!storage.expression || !isWhole(x)) return;
    operations++;
    storage.expression.inputs.forEach(visit);
  };
  inputs.forEach(visit);
  return { operations, arrays: seen.size - operations + 1 };
}

/** The input of an operation that has to be materialised first, so that one program can hold all the rest: the largest. */
export function excess(inputs: readonly GpuView[], maxInputs: number): Storage | undefined {
  const { operations, arrays } = census(inputs);
  if (operations <= maxInputs && arrays <= maxArrays) return undefined;
  let [largest, count]: [Storage | undefined, number] = [undefined, 0];
  for (const { storage } of inputs) {
    const own = storage.expression ? census(storage.expression.inputs).operations : 0;
    if (own > count) [largest, count] = [storage, own];
  }
  return largest;
}

/**
 * Materialises what a program that reads these operands cannot write out: views that reorder an expression. And where an expression has
 * been written out often enough, the value of many readers that is made of it, the newest of them.
 *
 * @param target what the program computes; it is itself an expression where it is being materialised
 */
export function prepare(operands: readonly GpuView[], target: Storage, materialise: (storage: Storage) => void): void {
  const worn = new Map<Storage, boolean>();
  const isWorn = (storage: Storage): boolean => {
    const known = worn.get(storage);
    if (known !== undefined || storage.expression === undefined) return known ?? false;
    worn.set(storage, false);
    const found = storage.inlined >= maxInlined || storage.expression.inputs.some((x) => isWorn(x.storage));
    worn.set(storage, found);
    return found;
  };
  const seen = new Set<Storage>();
  const visit = (x: GpuView): void => {
    const { storage } = x;
    const { expression } = storage;
    if (!expression || seen.has(storage)) return;
    if (storage !== target && (!isWhole(x) || (!target.lazy && storage.readers > 1 && isWorn(storage)))) {
      materialise(storage);
      return;
    }
    seen.add(storage);
    storage.inlined++;
    expression.inputs.forEach(visit);
  };
  for (const x of operands) {
    x.storage.readers++;
    visit(x);
  }
}
