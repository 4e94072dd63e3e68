import { array, type Device, type DType, grad, type NDArray, vjp } from "@ad/core";
import { Concrete } from "@ad/core/internals/backend";
import { type ArrayList, type Aval, asArray, bind, type Operation, type Params, type PrimitiveName, Trace } from "@ad/core/internals/trace";
import { expectClose } from "@ad/expect";
import { describe, expect, test } from "vitest";
import { jvp, pushforward } from "../src/index.js";

/** A second device, which computes on the CPU and refuses arrays of it. */
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

const there = new Elsewhere();
const x = array([0.5, 1, 2]);
const t = array([1, 0, 2]);
/** There and back, with constants and products in both places. */
const f = (v: NDArray): NDArray => v.mul(2).to(there).sin().mul([1, 2, 3]).to("cpu").mul(v).add([1, 1, 1]);
const same = (v: NDArray): NDArray => v.mul(2).sin().mul([1, 2, 3]).mul(v).add([1, 1, 1]);
const list = (v: NDArray): number[] => [...v.to("cpu").data()];

describe("moves between devices", () => {
  test("of tangents that are given later", () => {
    const [out, push] = pushforward(f, x);
    expectClose(out, list(same(x)));
    expect(push([t]).device.name).toBe("cpu");
    expectClose(push([t]), list(jvp(same, [x], [t])[1]));
    expectClose(jvp(f, [x], [t])[1], list(jvp(same, [x], [t])[1]));
  });

  test("of tangents that start elsewhere", () => {
    const g = (v: NDArray): NDArray => v.to("cpu").square().add([1, 2, 3]).sum().to(there).mul(2);
    const [out, push] = pushforward(g, x.to(there));
    expect([out.device, push([t.to(there)]).device]).toEqual([there, there]);
    expectClose(push([t.to(there)]).to("cpu"), 18);
  });

  test("where there is nothing to move", () => {
    const [, push] = pushforward((v: NDArray) => v.to("cpu").mul(3), x);
    expectClose(push([t]), [3, 0, 6]);
    const [, pushThere] = pushforward((v: NDArray) => v.to(there).mul(3), x.to(there));
    expectClose(pushThere([t.to(there)]).to("cpu"), [3, 0, 6]);
  });

  test("beneath and above other transformations", () => {
    const slope = (h: (v: NDArray) => NDArray) => (v: NDArray) => grad((y: NDArray) => h(y).sum())(v);
    const curved = list(jvp(slope(same), [x], [t])[1]);
    expectClose(pushforward(slope(f), x)[1]([t]), curved);
    const along = (h: (v: NDArray) => NDArray) => (v: NDArray) => pushforward(h, v)[1]([t]);
    expectClose(grad((v: NDArray) => along(f)(v).sum())(x), list(grad((v: NDArray) => along(same)(v).sum())(x)));
    const [, pull] = vjp(along(f), x);
    expectClose(pull(t)[0], list(vjp(along(same), x)[1](t)[0]));
  });
});
