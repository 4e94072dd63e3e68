import { withBase } from "vitepress";
import { computed, defineComponent, h, ref } from "vue";
import { data, type Row } from "./capabilities.data.js";

const titles = {
  operation: "Functions",
  linalg: "Linear algebra",
  fft: "Fourier transforms and complex numbers",
  method: "Methods without a function",
} as const;
const groups = Object.keys(titles) as (keyof typeof titles)[];
const columns = Object.keys(data[0]?.cells ?? {});
const signs = { yes: "✓", none: "–", host: "host" } as const;

const page = ({ group, name }: Row): string | undefined =>
  group === "operation" || (group === "fft" && !name.includes("."))
    ? withBase(`/api/@ad/${group === "fft" ? "fft" : "core"}/functions/${name}.html`)
    : undefined;

const line = (row: Row) => {
  const href = page(row);
  const name = h("code", row.name);
  return h("tr", { key: row.name }, [
    h("th", { scope: "row" }, href ? h("a", { href }, name) : name),
    ...columns.map((column) => h("td", signs[row.cells[column]])),
  ]);
};

/** The table of operations, with a field that narrows it. */
export const Capabilities = defineComponent({
  setup() {
    const wanted = ref("");
    const rows = computed(() => data.filter(({ name }) => name.toLowerCase().includes(wanted.value.toLowerCase())));
    return () =>
      h("div", { class: "capabilities" }, [
        h("label", [
          "Only names that contain ",
          h("input", {
            type: "search",
            value: wanted.value,
            onInput: (event: Event) => (wanted.value = (event.target as HTMLInputElement).value),
          }),
        ]),
        ...groups.map((group) => {
          const own = rows.value.filter((row) => row.group === group);
          if (own.length === 0) return null;
          return h("table", { key: group }, [
            h("caption", `${titles[group]} (${own.length})`),
            h("thead", h("tr", [h("th", { scope: "col" }, "operation"), ...columns.map((column) => h("th", { scope: "col" }, column))])),
            h("tbody", own.map(line)),
          ]);
        }),
      ]);
  },
});
