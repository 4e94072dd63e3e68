import { defineComponent, h } from "vue";
import { data } from "./benchmarks.data.js";

const time = (nanoseconds: number): string => {
  const [unit, size] = nanoseconds < 1e3 ? ["ns", 1] : nanoseconds < 1e6 ? ["µs", 1e3] : ["ms", 1e6];
  return `${Number((nanoseconds / (size as number)).toPrecision(3))} ${unit}`;
};

/** The figures of the last run of the benchmarks before the site was built, if there was one. */
export const Benchmarks = defineComponent({
  setup: () => () => {
    if (!data)
      return h("p", ["This site was built without figures. ", h("code", "npm run micro"), " measures; the next build shows them."]);
    const { results, node, platform, arch } = data;
    const groups = [...new Set(results.map(({ group }) => group))];
    return h("div", [
      h("p", `Measured on Node ${node}, ${platform} ${arch}: the median of many runs.`),
      ...groups.map((group) =>
        h("table", { key: group }, [
          h("caption", group),
          h(
            "thead",
            h(
              "tr",
              ["case", "time", "GFLOP/s", "times the loop beside it"].map((title) => h("th", { scope: "col" }, title)),
            ),
          ),
          h(
            "tbody",
            results
              .filter((result) => result.group === group)
              .map(({ name, figures: { nanoseconds, gflops, times } }) =>
                h("tr", { key: name }, [
                  h("th", { scope: "row" }, name),
                  h("td", time(nanoseconds)),
                  h("td", gflops?.toFixed(1) ?? "–"),
                  h("td", times?.toFixed(2) ?? "–"),
                ]),
              ),
          ),
        ]),
      ),
    ]);
  },
});
