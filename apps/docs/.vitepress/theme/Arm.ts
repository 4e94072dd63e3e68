import { defineComponent, h, onBeforeUnmount, onMounted, ref, shallowRef } from "vue";

type Point = readonly [x: number, y: number];

/** A robot arm whose target can be dragged, or moved by the arrow keys. */
export const Arm = defineComponent({
  setup() {
    const places = shallowRef<readonly Point[]>([]);
    const turns = shallowRef<readonly number[]>([]);
    const target = ref<Point>([1.4, 1.2]);
    const microseconds = ref(0);
    const picture = shallowRef<SVGSVGElement>();
    let frame = 0;
    let still = 0;
    let go: () => void = () => {};

    onMounted(async () => {
      const [{ array }, { start, step }] = await Promise.all([import("@ad/core"), import("../../programs/arm.js")]);
      let angles = start;
      const draw = (): void => {
        const begin = performance.now();
        const [next, joints, slope] = step(angles, array([...target.value]));
        const [numbers, moved] = [joints.data(), next.sub(angles).abs().max().item()];
        microseconds.value = 0.9 * microseconds.value + 100 * (performance.now() - begin);
        angles = next;
        places.value = Array.from({ length: 5 }, (_, i) => [numbers[2 * i], numbers[2 * i + 1]] as const);
        turns.value = [...slope.data()];
        // Rests once nothing moves.
        still = moved < 1e-5 ? still + 1 : 0;
        frame = still < 10 ? requestAnimationFrame(draw) : 0;
      };
      go = () => {
        still = 0;
        if (frame === 0) frame = requestAnimationFrame(draw);
      };
      go();
    });
    onBeforeUnmount(() => cancelAnimationFrame(frame));

    function move(to: Point): void {
      target.value = to;
      go();
    }
    function drag(event: PointerEvent): void {
      const box = picture.value?.getBoundingClientRect();
      if (!box || (event.type === "pointermove" && event.buttons === 0)) return;
      move([((event.clientX - box.left) / box.width) * 6 - 3, 2 - ((event.clientY - box.top) / box.height) * 4]);
    }
    const keys: Readonly<Record<string, Point>> = { ArrowLeft: [-0.1, 0], ArrowRight: [0.1, 0], ArrowUp: [0, 0.1], ArrowDown: [0, -0.1] };
    function key(event: KeyboardEvent): void {
      const by = keys[event.key];
      if (!by) return;
      event.preventDefault();
      move([target.value[0] + by[0], target.value[1] + by[1]]);
    }

    /** At each joint a line across the link that it turns, as long as the gradient is large. */
    const arrow = (turn: number, i: number) => {
      const [[x, y], [u, v]] = [places.value[i], places.value[i + 1]];
      const scale = (0.5 * turn) / Math.hypot(u - x, v - y);
      return h("line", { key: i, class: "arm-slope", x1: x, y1: -y, x2: x - (v - y) * scale, y2: -y - (u - x) * scale });
    };
    return () =>
      h("figure", { class: "arm" }, [
        h("svg", { ref: picture, viewBox: "-3 -2 6 4", onPointerdown: drag, onPointermove: drag }, [
          h("polyline", { class: "arm-links", points: places.value.map(([x, y]) => `${x},${-y}`).join(" ") }),
          ...places.value.map(([x, y], i) => h("circle", { key: i, class: "arm-joint", cx: x, cy: -y, r: 0.05 })),
          ...(places.value.length > 0 ? turns.value.map(arrow) : []),
          h("circle", {
            class: "arm-target",
            cx: target.value[0],
            cy: -target.value[1],
            r: 0.13,
            tabindex: 0,
            role: "slider",
            "aria-label": "Target; the arrow keys move it",
            "aria-valuetext": target.value.map((each) => each.toFixed(1)).join(", "),
            onKeydown: key,
          }),
        ]),
        h("figcaption", `A step and its gradient: ${(microseconds.value / 1000).toFixed(2)} ms of a frame's 16.7`),
      ]);
  },
});
