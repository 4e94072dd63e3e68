import type { Device, NDArray } from "@ad/core";
import type { GpuDevice } from "@ad/gpu";
import { defineComponent, h, onBeforeUnmount, onMounted, ref, shallowRef } from "vue";

type Point = readonly [x: number, y: number];

/** A cloth that can be pulled at any knot, computed on the CPU or on the GPU, with the gradient that moves it. */
export const Cloth = defineComponent({
  setup() {
    const threads = ref("");
    const slopes = ref("");
    const nails = shallowRef<readonly Point[]>([]);
    const ring = ref<Point>();
    const milliseconds = ref(0);
    const where = ref<"cpu" | "gpu">("cpu");
    const failure = ref("");
    /** It rests once it has not moved for some frames. */
    const moves = ref(false);
    let still = 0;
    const picture = shallowRef<SVGSVGElement>();
    let pull: (to: Point | undefined, anew: boolean) => void = () => {};
    let choose: (to: "cpu" | "gpu") => Promise<void> = async () => {};
    let gpu: GpuDevice | undefined;
    let gone = false;

    onMounted(async () => {
      const [{ array, read, stack }, { frame, knots, n, rest }] = await Promise.all([
        import("@ad/core"),
        import("../../programs/cloth.js"),
      ]);
      let device: "cpu" | Device = "cpu";
      let [x, v]: readonly NDArray[] = [knots, rest];
      /** Where the knots are, and the gradient there: both in x, then both in y. */
      let numbers = stack([knots, rest], 1).data();
      const place = (k: number): Point => [numbers[k], numbers[2 * n * n + k]];
      const [corner, last] = [n - 1, n * n - 1];
      /** The knot that the hand holds. */
      let knot = last;
      const held = new Float32Array(n * n);
      held[0] = held[corner] = 10;
      const places = knots.data();
      nails.value = [place(0), place(corner)];

      const line = (indices: readonly number[]): string => `M${indices.map((k) => `${place(k)[0]} ${-place(k)[1]}`).join("L")}`;
      const all = Array.from({ length: n }, (_, i) => i);
      const draw = (): void => {
        threads.value = all.map((i) => line(all.map((j) => i * n + j)) + line(all.map((j) => j * n + i))).join("");
        // At each knot a line down the slope.
        slopes.value = Array.from({ length: n * n }, (_, k) => {
          const [[px, py], [sx, sy]] = [place(k), [numbers[n * n + k], numbers[3 * n * n + k]]];
          const scale = 0.4 / (10 + Math.hypot(sx, sy));
          return `M${px} ${-py}l${-sx * scale} ${sy * scale}`;
        }).join("");
        ring.value = place(knot);
      };
      const run = async (): Promise<void> => {
        still = 0;
        if (moves.value) return;
        moves.value = true;
        while (still < 20 && !gone) {
          await new Promise(requestAnimationFrame);
          const begin = performance.now();
          const on = (data: Float32Array, shape: readonly number[]): NDArray => array(data, { shape, device });
          let slope: NDArray;
          [x, v, slope] = frame(x.to(device), v.to(device), on(held, [n, n]), on(places as Float32Array, [2, n, n]));
          numbers = await read(stack([x, slope], 1));
          milliseconds.value = 0.9 * milliseconds.value + 0.1 * (performance.now() - begin);
          draw();
          still = numbers.every((each, k) => Math.floor(k / (n * n)) % 2 === 0 || Math.abs(each) < 0.5) ? still + 1 : 0;
        }
        moves.value = false;
      };
      pull = (to, anew) => {
        if (anew && held[knot] === 0 && to) {
          const away = (k: number): number => Math.hypot(place(k)[0] - to[0], place(k)[1] - to[1]);
          knot = Array.from(held, (_, k) => k).reduce((best, k) => (held[k] === 0 && away(k) < away(best) ? k : best), last);
        }
        held[knot] = to ? 0.5 : 0;
        if (to) [places[knot], places[n * n + knot]] = to;
        void run();
      };
      choose = async (to) => {
        try {
          if (to === "gpu") gpu ??= await (await import("@ad/gpu")).webgl();
          [device, where.value, failure.value, milliseconds.value] = [to === "gpu" && gpu ? gpu : "cpu", to, "", 0];
        } catch (error) {
          failure.value = `There is no GPU for it here. ${(error as Error).message}`;
        }
        void run();
      };
      draw();
      void run();
    });
    onBeforeUnmount(() => {
      gone = true;
      gpu?.dispose();
    });

    const [width, height] = [6, 4.8];
    function drag(event: PointerEvent): void {
      const box = picture.value?.getBoundingClientRect();
      if (!box || (event.type === "pointermove" && event.buttons === 0)) return;
      if (event.type === "pointerdown") picture.value?.setPointerCapture(event.pointerId);
      const to: Point = [((event.clientX - box.left) / box.width - 0.5) * width, (0.5 - (event.clientY - box.top) / box.height) * height];
      pull(to, event.type === "pointerdown");
    }
    const release = (): void => pull(undefined, false);
    const keys: Readonly<Record<string, Point>> = { ArrowLeft: [-0.2, 0], ArrowRight: [0.2, 0], ArrowUp: [0, 0.2], ArrowDown: [0, -0.2] };
    function key(event: KeyboardEvent): void {
      const by = keys[event.key];
      if (event.key === "Escape") release();
      if (!by || !ring.value) return;
      event.preventDefault();
      pull([ring.value[0] + by[0], ring.value[1] + by[1]], false);
    }

    const button = (to: "cpu" | "gpu", text: string) =>
      h("button", { type: "button", class: `cloth-${to}`, "aria-pressed": where.value === to, onClick: () => choose(to) }, text);
    return () =>
      h("figure", { class: "cloth", "data-state": moves.value ? "moves" : "rests" }, [
        h(
          "svg",
          {
            ref: picture,
            viewBox: `${-width / 2} ${-height / 2} ${width} ${height}`,
            onPointerdown: drag,
            onPointermove: drag,
            onPointerup: release,
            onPointercancel: release,
          },
          [
            h("path", { class: "cloth-threads", d: threads.value }),
            h("path", { class: "cloth-slopes", d: slopes.value }),
            ...nails.value.map(([x, y], i) => h("circle", { key: i, class: "cloth-nail", cx: x, cy: -y, r: 0.06 })),
            ring.value &&
              h("circle", {
                class: "cloth-hand",
                cx: ring.value[0],
                cy: -ring.value[1],
                r: 0.13,
                tabindex: 0,
                role: "slider",
                "aria-label": "A knot; the arrow keys pull it, Escape lets it go",
                "aria-valuetext": ring.value.map((each) => each.toFixed(1)).join(", "),
                onKeydown: key,
              }),
          ],
        ),
        h("div", { class: "cloth-where", role: "group", "aria-label": "Where it is computed" }, [
          button("cpu", "CPU, compiled"),
          button("gpu", "GPU, by WebGL2"),
        ]),
        h(
          "figcaption",
          failure.value ||
            `Eight steps and the gradient, on the ${where.value.toUpperCase()}: ${milliseconds.value.toFixed(1)} ms of a frame's 16.7`,
        ),
      ]);
  },
});
