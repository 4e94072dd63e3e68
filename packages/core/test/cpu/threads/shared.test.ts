import { expect, test } from "vitest";
import { sharing } from "../../../src/cpu/threads/shared.js";
import { bytesOfModule } from "../../../src/cpu/wasm/module.js";

declare const WebAssembly: {
  validate(bytes: Uint8Array): boolean;
  Module: { new (bytes: Uint8Array): object; imports(module: object): object[]; exports(module: object): object[] };
  Memory: new (limits: object) => { buffer: SharedArrayBuffer };
  Instance: new (module: object, imports: object) => { exports: { memory: { buffer: SharedArrayBuffer } } };
};

const own = bytesOfModule();

test.each([1, 100, 127, 128, 256, 16384, 65536])("the module imports a shared memory of %i pages, and is otherwise itself", (pages) => {
  const bytes = sharing(own, pages);
  expect(WebAssembly.validate(bytes)).toBe(true);
  const module = new WebAssembly.Module(bytes);
  expect(WebAssembly.Module.imports(module)).toEqual([{ module: "", name: "", kind: "memory" }]);
  expect(WebAssembly.Module.exports(module)).toEqual(WebAssembly.Module.exports(new WebAssembly.Module(own)));
});

test("it works on that memory and takes no other", () => {
  const module = new WebAssembly.Module(sharing(own, 2));
  const memory = new WebAssembly.Memory({ initial: 2, maximum: 2, shared: true });
  expect(new WebAssembly.Instance(module, { "": { "": memory } }).exports.memory).toBe(memory);
  for (const other of [
    { initial: 1, maximum: 2, shared: true },
    { initial: 2, maximum: 3, shared: true },
    { initial: 2, maximum: 2 },
  ])
    expect(() => new WebAssembly.Instance(module, { "": { "": new WebAssembly.Memory(other) } })).toThrow(/memory/);
});
