import type { NDArray } from "../array/ndarray.js";
import { Aval } from "../engine/aval.js";
import { TransformError } from "../engine/errors.js";
import type { ArrayList, Operation, Parts, Push } from "../engine/operation.js";
import { isStaging } from "../engine/stager.js";
import { GraphTrace } from "../engine/staging.js";
import { call, within } from "../engine/trace.js";
import { pullbackAt, recordPullback, transposeLinear } from "../reverse/pullback.js";
import { Closure } from "./captured.js";

/** A linear function of arrays, leaf by leaf. */
export type LinearMap = (v: ArrayList) => ArrayList;

/** x, of the shapes of `like`, for which map(x) = b; it has the derivatives of the solution, whatever the map closes over. */
export type LinearSolve = (map: LinearMap, b: ArrayList, like: ArrayList) => ArrayList;

const zero = (x: NDArray): NDArray => x.filled(0, x.aval);

/** Tangents or cotangents as arrays. */
const made = (parts: Parts, like: ArrayList): ArrayList => like.map((x, i) => parts[i] ?? zero(x));

const yes = (list: ArrayList): boolean[] => list.map(() => true);

/** A rule for tangents is called by forward mode, which lends its way through functions: reverse mode has a rule of its own. */
export function pushOf(op: string, push: Push | undefined): Push {
  if (push) return push;
  throw new TransformError(`${op}: a rule for tangents was called without a way to push them through functions.`);
}

/**
 * A function that rules run, as it is now. Those of a program are asked for later, when variables that it closes over may be others: so it is
 * written down.
 */
export function written(op: string, f: LinearMap, like: ArrayList): LinearMap {
  if (!isStaging()) return f;
  const trace = new GraphTrace(op);
  const inputs = like.map((x) => trace.input(x));
  const graph = trace.graph(within(trace, () => f(inputs)));
  return (given) => graph.run(given) as ArrayList;
}

/** The same operation in lanes knows the shapes of its results too, so that it is not run where there are no numbers. */
function shaped(operation: Operation): Operation {
  const { shape } = operation;
  if (shape === undefined) return operation;
  return {
    ...operation,
    shape,
    vmap(inputs, mapped, size, lift) {
      const lane = ({ shape, dtype, weak }: Aval, i: number): Aval => new Aval(mapped[i] ? shape.slice(1) : shape, dtype, weak);
      const lanes = (avals: readonly Aval[]): readonly Aval[] =>
        shape(avals.map(lane)).map((aval) => new Aval([size, ...aval.shape], aval.dtype));
      return call(shaped({ ...lift(), shape: lanes }), inputs);
    },
  };
}

/**
 * The root of a residual that `find` has found, as a function of all that the residual closes over: by the implicit function theorem,
 * dx = −(∂r/∂x)⁻¹ dr, with one linear solve for each direction. The solution is an input of the operation, and its result: nothing is solved
 * again. Its rules ask for the result one level down by this same operation, so that they have derivatives themselves.
 *
 * @param find the root and anything beside it; all that it uses is constant to it
 * @param residual from the root's leaves to as many numbers, in leaves of any shapes
 * @param isRun whether `find` has run the residual, so that what that closes over has been met
 */
export function implicitRoot<R>(
  op: string,
  find: () => readonly [x: ArrayList, beside: R],
  residual: (x: ArrayList) => ArrayList,
  solve: LinearSolve,
  isRun = false,
): readonly [x: ArrayList, beside: R] {
  const closure = new Closure();
  const found = closure.constant(find);
  if (isRun && closure.values.length === 0) return found;
  closure.clear();
  const x = found[0].map((each) => each.stopGradient());
  closure.constant(() => residual(x));
  const captured = closure.values;
  if (captured.length === 0) return found;
  const n = captured.length;
  const equations = written(op, (all) => closure.replaced(all.slice(0, n), () => residual(all.slice(n))), [...captured, ...x]);
  const at = (given: ArrayList, own: ArrayList): ArrayList => equations([...given, ...own]);

  const operation: Operation = {
    name: op,
    record: recordPullback,
    forward: (inputs) => inputs.slice(n),
    jvp(inputs, tangents, push) {
      const given = inputs.slice(0, n);
      const x = call(operation, inputs);
      const along = pushOf(op, push);
      const [r, dr] = along((own) => at(own, x), given, tangents.slice(0, n));
      const slope: LinearMap = (v) => {
        const [, pushed] = along((own) => at(given, own), x, v);
        return made(pushed, r);
      };
      if (!dr.some((t) => t !== undefined)) return [x, []];
      return [
        x,
        solve(
          slope,
          made(dr, r).map((t) => t.neg()),
          x,
        ),
      ];
    },
    vjp(inputs, active = yes(inputs)) {
      const given = inputs.slice(0, n);
      const x = call(operation, inputs);
      // The residual is run now: in the pullback, variables that it closes over may be others.
      const [r, back] = pullbackAt(op, (own) => at(given, own), x, yes(x));
      const [, through] = pullbackAt(op, (own) => at(own, x), given, active.slice(0, n));
      return [x, (cotangents) => through(solve((v) => made(back(v), x), made(cotangents, x), r).map((w) => w.neg()))];
    },
  };
  return [call(operation, [...captured, ...x]), found[1]];
}

/** Returns whether a value has numbers, or gets them from a program that is being written. */
const isAvailable = (x: NDArray): boolean => isStaging() || x.bottom() !== undefined;

/**
 * A solver of linear equations: from the map and the right-hand side to the solution. The map may be called on any arrays like b, and so may
 * what is near to its inverse, where that was given.
 */
export type Solver = (map: LinearMap, b: ArrayList, near?: LinearMap) => ArrayList;

/**
 * x for which map(x) = b, found by a solver of any kind. Its derivatives are those of the solution: dx = A⁻¹ (db − dA·x), found by the
 * same solver; those of reverse mode by the solver for the transposed map. In b it is linear, and is transposed as such without numbers.
 *
 * @param map a linear map of square shape: its result is like b
 * @param transposed the solver for the transposed map
 * @param near a linear map near to the inverse, a preconditioner. The solution does not depend on it, but solvers for derivatives use it too
 */
export function linearSolve(op: string, map: LinearMap, b: ArrayList, solver: Solver, transposed: Solver, near?: LinearMap): ArrayList {
  const closure = new Closure();
  closure.constant(() => [map, near].map((each) => each?.(b.map((x) => zero(x)))));
  const captured = closure.values;
  const n = captured.length;
  const own = (f: LinearMap): MapAt => {
    const all = written(op, (inputs) => closure.replaced(inputs.slice(0, n), () => f(inputs.slice(n))), [...captured, ...b]);
    return (given) => (v) => all([...given, ...v]);
  };
  return solveAt(op, own(map), captured, b, solver, transposed, near && own(near));
}

/** A linear map, from what it closes over. */
type MapAt = (given: ArrayList) => LinearMap;

function solveAt(
  op: string,
  at: MapAt,
  captured: ArrayList,
  b: ArrayList,
  solver: Solver,
  transposed: Solver,
  nearAt: MapAt | undefined,
): ArrayList {
  const n = captured.length;
  const again = (given: ArrayList, rhs: ArrayList): ArrayList => solveAt(op, at, given, rhs, solver, transposed, nearAt);

  /** The solver of the transposed equations. The maps are run now: later, variables that they close over may be others. */
  const backwards = (given: ArrayList, like: ArrayList): LinearMap => {
    const [map, near] = [at, nearAt].map((own) => own && transposeLinear(op, own(given), like));
    return (cotangents) => linearSolve(op, map as LinearMap, cotangents, transposed, solver, near);
  };

  /** Inputs: what the map closes over, the right-hand side, and, where it is known, the solution. */
  const rules = (own: () => Operation): Pick<Operation, "name" | "record" | "jvp" | "vjp"> => ({
    name: op,
    record: recordPullback,
    jvp(inputs, tangents, push) {
      const [given, moves] = [inputs.slice(0, n), tangents.slice(0, n)];
      const x = call(own(), inputs);
      const db = tangents.slice(n, n + b.length);
      if (!moves.some((t) => t !== undefined)) return [x, db.some((t) => t !== undefined) ? again(given, made(db, x)) : []];
      const [, dr] = pushOf(op, push)((own) => at(own)(x), given, moves);
      const rhs = made(db, x).map((t, i) => (dr[i] ? t.sub(dr[i] as NDArray) : t));
      return [x, again(given, rhs)];
    },
    vjp(inputs, active = yes(inputs)) {
      const given = inputs.slice(0, n);
      const x = call(own(), inputs);
      const on = active.slice(0, n);
      const solve = backwards(given, x);
      const through = on.includes(true) ? pullbackAt(op, (own) => at(own)(x), given, on)[1] : () => given.map(() => undefined);
      return [
        x,
        (cotangents) => {
          const weights = solve(made(cotangents, x));
          return [...through(weights.map((w) => w.neg())), ...weights];
        },
      ];
    },
  });

  if (!b.every(isAvailable) || !captured.every(isAvailable)) {
    const later: Operation = shaped({
      ...rules(() => later),
      ...(b.length === 1 && { transposes: { [n]: ([ct], inputs) => backwards(inputs.slice(0, n), [ct as NDArray])([ct as NDArray])[0] } }),
      shape: (avals) => avals.slice(n),
      forward: (inputs) => solver(at(inputs.slice(0, n)), inputs.slice(n), nearAt?.(inputs.slice(0, n))),
    });
    return call(later, [...captured, ...b]);
  }
  const still = (x: NDArray): NDArray => x.stopGradient();
  const [fixed, rhs] = [captured.map(still), b.map(still)];
  const x = new Closure().constant(() => solver(at(fixed), rhs, nearAt?.(fixed))).map(still);
  const solved: Operation = { ...rules(() => solved), forward: (inputs) => inputs.slice(n + b.length) };
  return call(solved, [...captured, ...b, ...x]);
}
