import { computed, defineComponent, h, nextTick, onBeforeUnmount, onMounted, ref, shallowRef } from "vue";
import type { Editor } from "./editor.js";
import { keep, linkTo, recall } from "./kept.js";
import type { Run } from "./run.js";

/** Of pictures, in pixels: the space beside them, and how wide they are where there is room. */
const margin = 20;
const widest = 640;

/** Examples that run by themselves do so one after the other: some of them measure. */
let before: Promise<unknown> = Promise.resolve();

/** An example that can be edited and run. Before scripts have loaded it is the code that its slot holds. */
export const Live = defineComponent({
  props: {
    /** The example, URI-encoded. */
    code: { type: String, required: true },
    /** Whether it runs by itself when it is first seen. */
    auto: { type: Boolean, default: false },
    /** About how many seconds it runs, of one that is long. */
    seconds: { type: Number, default: 0 },
  },
  setup(props, { slots }) {
    const original = computed(() => decodeURIComponent(props.code).trimEnd());
    const state = ref<"idle" | "running" | "done" | "failed">("idle");
    const text = ref(original.value);
    const said = ref("");
    const stale = ref(false);
    const alive = ref(false);
    const root = shallowRef<HTMLElement>();
    const code = shallowRef<HTMLElement>();
    const output = shallowRef<HTMLElement>();
    let editor: Editor | undefined;
    let observer: IntersectionObserver | undefined;
    let current: Run | undefined;
    let gone = false;

    async function execute() {
      if (state.value === "running" || !output.value) return;
      state.value = "running";
      said.value = "";
      const [{ run }, { row }] = await Promise.all([import("./run.js"), import("./show.js")]);
      if (gone) return;
      const place = output.value;
      const width = Math.min(place.clientWidth - 2 * margin, widest);
      // The output of the last run stays, faded, until there is something else to show.
      let fresh = false;
      stale.value = true;
      const clear = () => {
        if (!fresh) place.replaceChildren();
        fresh = true;
        stale.value = false;
      };
      const append = (element: HTMLElement) => {
        clear();
        place.append(element);
      };
      let drawn: Promise<unknown> = Promise.resolve();
      current = run(text.value, (report) => {
        drawn = drawn.then(async () => append(await row(report, width))).catch((error: unknown) => append(complaint(String(error))));
      });
      const failure = await current.ended;
      await drawn;
      if (gone) return;
      if (failure) append(complaint(failure.line === undefined ? failure.message : `line ${failure.line}: ${failure.message}`));
      clear();
      editor?.mark(failure);
      current = undefined;
      state.value = failure ? "failed" : "done";
    }

    async function edit() {
      if (editor || !code.value) return;
      const { createEditor } = await import("./editor.js");
      if (editor || !code.value) return;
      const changed = () => {
        text.value = editor?.text() ?? text.value;
        keep(original.value, text.value);
      };
      editor = createEditor(code.value, text.value, changed, () => {
        void execute();
        return true;
      });
    }

    function reset() {
      editor?.replace(original.value);
      if (!props.seconds) void execute();
    }

    async function copy(what: string, done: string) {
      await navigator.clipboard.writeText(what);
      said.value = done;
    }

    onMounted(() => {
      const { text: kept, linked } = recall(original.value);
      text.value = kept;
      alive.value = true;
      if (linked) {
        said.value = "This is the code of the link. Read it before you run it.";
        void nextTick().then(() => root.value?.scrollIntoView());
      }
      observer = new IntersectionObserver(
        (entries) => {
          if (!entries.some((entry) => entry.isIntersecting)) return;
          observer?.disconnect();
          void edit();
          // Code that a reader has not written is not run unasked.
          if (props.auto && !linked) before = before.then(() => (gone || state.value !== "idle" ? undefined : execute()));
        },
        { rootMargin: "200px" },
      );
      if (root.value) observer.observe(root.value);
    });
    onBeforeUnmount(() => {
      gone = true;
      observer?.disconnect();
      editor?.destroy();
      current?.stop();
    });

    const button = (name: string, title: string, onClick: () => unknown, disabled = false) =>
      h("button", { type: "button", class: `live-${name}`, onClick, disabled }, title);

    return () =>
      h("div", { class: "live", ref: root, "data-state": state.value, "data-auto": props.auto }, [
        h("div", { class: "live-code", ref: code }, slots["default"]?.()),
        // An editor holds those lines only that are in sight; paper takes them all.
        h("pre", { class: "live-print", "aria-hidden": true }, alive.value ? text.value : undefined),
        h("div", { class: "live-bar" }, [
          button("run", "Run", execute, state.value === "running"),
          state.value === "running" ? button("stop", "Stop", () => current?.stop()) : null,
          text.value === original.value ? null : button("reset", "Reset", reset),
          button("copy", "Copy", () => copy(text.value, "Copied")),
          button("link", "Link", () => copy(linkTo(original.value, text.value), "The link, with this code, is copied")),
          h(
            "span",
            { class: "live-hint", role: "status" },
            said.value ||
              (props.seconds && state.value === "idle" ? `Run it: it takes about ${props.seconds} s` : "Edit it; Ctrl+Enter runs it"),
          ),
        ]),
        h("div", { class: "live-output", "data-stale": stale.value, ref: output, role: "log", "aria-label": "Output" }),
      ]);
  },
});

function complaint(message: string): HTMLElement {
  const element = document.createElement("p");
  element.className = "live-error";
  element.textContent = message;
  return element;
}
