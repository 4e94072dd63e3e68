/** What a live example can import. Each is loaded when an example first asks for it. */
export const modules: Readonly<Record<string, () => Promise<object>>> = {
  "@ad/core": () => import("@ad/core"),
  "@ad/forward": () => import("@ad/forward"),
  "@ad/vmap": () => import("@ad/vmap"),
  "@ad/functional": () => import("@ad/functional"),
  "@ad/gpu": () => import("@ad/gpu"),
  "@observablehq/plot": () => import("@observablehq/plot"),
};
