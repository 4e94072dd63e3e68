import { array, type Device, type DType, linspace, type NDArray } from "@ad/core";
import { Concrete } from "@ad/core/internals/backend";
import { type ArrayList, type Aval, asArray, bind, type Operation, type Params, type PrimitiveName, Trace } from "@ad/core/internals/trace";
import { expectClose } from "@ad/expect";
import { expect, test } from "vitest";
import { conjugateGradient, SparseMatrix, sparseHessian, sparseJacobian } from "../src/index.js";

class Elsewhere extends Trace implements Device {
  readonly name = "elsewhere";
  readonly dtypes: readonly DType[] = ["float64", "float32", "int32", "bool"];

  constructor() {
    super("elsewhere", true);
  }
  put(x: NDArray): NDArray {
    const { aval, storage, stride, offset } = x.to("cpu") as Concrete;
    return new Remote(this, aval, storage, stride, offset);
  }
  override process<P extends PrimitiveName>(name: P, inputs: ArrayList, params: Params<P>): NDArray {
    if (inputs.some((x) => x.owner !== this && x.size > 1)) throw new Error(`${name}: two devices meet`);
    return this.put(
      bind(
        name,
        inputs.map((x) => x.to("cpu")),
        params,
      ),
    );
  }
  override call({ shape, forward }: Operation, inputs: ArrayList): ArrayList {
    return shape ? forward(inputs.map((x) => x.to("cpu"))).map((x) => this.put(x)) : forward(inputs);
  }
}

class Remote extends Concrete {
  override readonly owner: Trace;
  override readonly device: Device;

  constructor(
    readonly place: Elsewhere,
    aval: Aval,
    storage: Concrete["storage"],
    stride: readonly number[],
    offset: number,
  ) {
    super(aval, storage, stride, offset);
    this.owner = place;
    this.device = place;
  }
  override moved(device: Device | undefined): NDArray {
    if (device === this.place) return this;
    return new Concrete(this.aval, this.storage, this.stride, this.offset).moved(device);
  }
  override lift(data: unknown, op: string): NDArray {
    const x = asArray(data, op);
    return x === data ? x : this.place.put(x);
  }
  override filled(value: number, aval: Aval): NDArray {
    return this.place.put(array(value).astype(aval.dtype).broadcastTo(aval.shape));
  }
}

const device = new Elsewhere();
const x = linspace(0.1, 1, 6);
const far = x.to(device);
const f = (x: NDArray): NDArray => x.roll(1).mul(x);

test("a Jacobian and a Hessian are where the arguments are", () => {
  for (const strategy of ["forward", "reverse"] as const) {
    const { values } = sparseJacobian(f, { strategy })(far);
    expect(values.device).toBe(device);
    expectClose(values.to("cpu"), sparseJacobian(f)(x).values.toArray() as never);
  }
  expect(sparseHessian((x: NDArray) => f(x).sum())(far).values.device).toBe(device);
  expectClose(sparseJacobian(f, { check: true })(far).values.to("cpu"), sparseJacobian(f)(x).values.toArray() as never);
});

test("a matrix stays where its values are", () => {
  const near = sparseJacobian(f)(x);
  const a = SparseMatrix.fromCoordinates(near.shape, near.rows, near.columns, near.values.to(device));
  const both: readonly ((m: SparseMatrix, v: NDArray) => NDArray)[] = [
    (m) => m.T.values,
    (m) => m.diagonal(),
    (m) => m.toDense(),
    (m, v) => m.scaleRows(v).values,
    (m, v) => m.scaleColumns(v).values,
    (m) => m.add(m.T).values,
    (m, v) => m.matmul(v),
    (m, v) => m.rmatmul(v),
  ];
  for (const each of both) {
    const own = each(a, far);
    expect(own.device).toBe(device);
    expectClose(own.to("cpu"), each(near, x).toArray() as never);
  }
  expectClose(conjugateGradient((v: NDArray) => v.mul(2), far).x.to("cpu"), x.mul(0.5).toArray() as never);
});
