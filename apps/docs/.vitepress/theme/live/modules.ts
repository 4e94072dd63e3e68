/** What a live example can import. Each is loaded when an example first asks for it; pictures are as wide as there is room for them. */
export const modules: Readonly<Record<string, (width: number) => Promise<object>>> = {
  "@ad/core": () => import("@ad/core"),
  "@ad/forward": () => import("@ad/forward"),
  "@ad/vmap": () => import("@ad/vmap"),
  "@ad/functional": () => import("@ad/functional"),
  "@ad/jit": () => import("@ad/jit"),
  "@ad/gpu": () => import("@ad/gpu"),
  "@ad/random": () => import("@ad/random"),
  "@ad/sparse": () => import("@ad/sparse"),
  "@ad/solve": () => import("@ad/solve"),
  "@ad/fft": () => import("@ad/fft"),
  "@observablehq/plot": async (width) => {
    const all = await import("@observablehq/plot");
    return { ...all, plot: (options: Parameters<typeof all.plot>[0]) => all.plot({ width, ...options }) };
  },
};
