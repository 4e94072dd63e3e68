import { test } from "vitest";
import { array, grad, type NDArray } from "@ad/core";
import { jvp } from "@ad/forward";
import { jit } from "@ad/jit";
import { odeSolve } from "../src/index.js";
test("x",()=>{
  const f=(k: NDArray)=>odeSolve((_: NDArray,y: NDArray)=>y.mul(k).neg(),array([2]),[0,1],{gradient:"adjoint"}).ys.slice(-1,0) as NDArray;
  const d2=(k: NDArray)=>jvp((q: NDArray)=>grad(f)(q) as NDArray,[k],[array(1)])[1] as NDArray;
  try { console.log("RES", jit(grad(d2))(array(1)).item()); } catch(e) { console.log("RES", (e as Error).message); }
});
