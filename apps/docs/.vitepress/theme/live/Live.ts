import { computed, defineComponent, h, onBeforeUnmount, onMounted, ref, shallowRef } from "vue";
import type { Editor } from "./editor.js";

/** Of pictures, in pixels: the space beside them, and how wide they are where there is room. */
const margin = 20;
const widest = 640;

/** An example that can be edited and run. Before scripts have loaded it is the code that its slot holds. */
export const Live = defineComponent({
  props: {
    /** The example, URI-encoded. */
    code: { type: String, required: true },
    /** Whether it runs by itself when it is first seen. */
    auto: { type: Boolean, default: false },
  },
  setup(props, { slots }) {
    const original = computed(() => decodeURIComponent(props.code).trimEnd());
    const state = ref<"idle" | "running" | "done" | "failed">("idle");
    const edited = ref(false);
    const root = shallowRef<HTMLElement>();
    const code = shallowRef<HTMLElement>();
    const output = shallowRef<HTMLElement>();
    let editor: Editor | undefined;
    let observer: IntersectionObserver | undefined;

    async function execute() {
      if (state.value === "running" || !output.value) return;
      state.value = "running";
      const [{ run }, { row }] = await Promise.all([import("./run.js"), import("./show.js")]);
      const rows = document.createDocumentFragment();
      // Lets the browser paint the pressed button before the page is busy.
      await new Promise((resolve) => setTimeout(resolve, 20));
      const width = Math.min(output.value.clientWidth - 2 * margin, widest);
      const failure = await run(editor?.text() ?? original.value, width, (shown) => rows.append(row(shown) ?? ""));
      if (failure) {
        const message = document.createElement("p");
        message.className = "live-error";
        message.textContent = failure.line === undefined ? failure.message : `line ${failure.line}: ${failure.message}`;
        rows.append(message);
      }
      output.value.replaceChildren(rows);
      editor?.mark(failure);
      state.value = failure ? "failed" : "done";
    }

    async function edit() {
      if (editor || !code.value) return;
      const { createEditor } = await import("./editor.js");
      if (editor || !code.value) return;
      const changed = () => {
        edited.value = editor?.text() !== original.value;
      };
      editor = createEditor(code.value, original.value, changed, () => {
        void execute();
        return true;
      });
    }

    function reset() {
      editor?.replace(original.value);
      void execute();
    }

    onMounted(() => {
      observer = new IntersectionObserver(
        (entries) => {
          if (!entries.some((entry) => entry.isIntersecting)) return;
          observer?.disconnect();
          void edit().then(() => (props.auto ? execute() : undefined));
        },
        { rootMargin: "200px" },
      );
      if (root.value) observer.observe(root.value);
    });
    onBeforeUnmount(() => {
      observer?.disconnect();
      editor?.destroy();
    });

    return () =>
      h("div", { class: "live", ref: root, "data-state": state.value, "data-auto": props.auto }, [
        h("div", { class: "live-code", ref: code }, slots["default"]?.()),
        h("div", { class: "live-bar" }, [
          h("button", { type: "button", class: "live-run", onClick: execute, disabled: state.value === "running" }, "Run"),
          edited.value ? h("button", { type: "button", class: "live-reset", onClick: reset }, "Reset") : null,
          h("span", { class: "live-hint" }, "Edit it; Ctrl+Enter runs it"),
        ]),
        h("div", { class: "live-output", ref: output, role: "log", "aria-label": "Output" }),
      ]);
  },
});
