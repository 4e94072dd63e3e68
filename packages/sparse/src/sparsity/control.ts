import { type NDArray, stack, unstack } from "@ad/core";
import { type ArrayList, type Stager, Tracer } from "@ad/core/internals/trace";
import { data, type Names } from "./rules.js";
import type { SparsityTrace } from "./trace.js";

/** The most rounds of a loop whose sets still grow; after them everything in the state depends on all that anything in it depends on. */
const maxRounds = 64;

/** Returns what a value depends on, below the transformations around it. */
function namesBelow(trace: SparsityTrace, x: NDArray): Names {
  for (let at: NDArray | undefined = x; at instanceof Tracer; at = at.below) if (trace.owns(at)) return trace.namesOf(at);
  return undefined;
}

const sameNames = (a: Names, b: Names): boolean => {
  if (a === b) return true;
  const [x, y] = [a && data(a), b && data(b)];
  const [one, other] = [x ?? y, x && y];
  return one === undefined || one.every((name, i) => name === (other ? other[i] : 0));
};

/** Control flow whose conditions have no numbers: what may happen is followed, all of it. */
export const following = (trace: SparsityTrace): Stager => ({
  choose: (_, index, branches, operands) =>
    branches.map((branch) => branch(operands)).reduce((others, own, i) => own.map((x, k) => index.equal(i).where(x, others[k]))),

  /** Rounds of the loop, each of which may have been the last, until a round adds nothing. */
  whileLoop(_, test, body, first) {
    let state = first;
    let on = test(state);
    while (on.owner.level === 0) {
      if (!on.item()) return state;
      state = body(state);
      on = test(state);
    }
    const round = (): void => {
      const next = body(state);
      state = state.map((x, i) => on.where(next[i], x));
      on = test(state);
    };
    const isPlain = state.every((x) => x.owner === trace || x.owner.level === 0);
    let rounds = 0;
    for (let before: ArrayList = []; ; rounds++) {
      if (before.length > 0 && state.every((x, i) => sameNames(namesBelow(trace, x), namesBelow(trace, before[i])))) break;
      if (rounds === maxRounds) {
        // A sum of nothing but what is there: it depends on all of it.
        const all = state
          .filter((x) => x.dtype.startsWith("float"))
          .reduce<NDArray | undefined>((t, x) => (t ? t.add(x.sum()) : x.sum()), undefined);
        state = state.map((x) => (all && x.dtype.startsWith("float") ? x.add(all.astype(x.dtype)) : x));
      }
      before = state;
      round();
    }
    // The values that derivatives of the rounds depend on have to get from the last round to the first as well.
    if (!isPlain) for (let i = 0; i <= rounds; i++) round();
    return state;
  },

  scan(_, body, first, rows, length) {
    let state = first;
    const lines = rows.map((x) => unstack(x));
    const collected: ArrayList[] = [];
    for (let i = 0; i < length; i++) {
      const [next, own] = body(
        state,
        lines.map((line) => line[i]),
      );
      state = next;
      collected.push(own);
    }
    return [state, (collected[0] ?? []).map((_x, k) => stack(collected.map((own) => own[k])))];
  },
});
