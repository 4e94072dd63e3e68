import { defineComponent, h, onBeforeUnmount, ref } from "vue";
import type { Order, Progress } from "../../programs/train.worker.js";

/** Starts a training in a worker, shows how far it is, and cancels it. */
export const Train = defineComponent({
  setup() {
    const progress = ref<Progress>();
    const running = ref(false);
    let worker: Worker | undefined;
    const order = (what: Order): void => {
      worker ??= new Worker(new URL("../../programs/train.worker.ts", import.meta.url), { type: "module" });
      worker.onmessage = ({ data }: MessageEvent<Progress>) => {
        progress.value = data;
        running.value = !data.ended;
      };
      worker.postMessage(what);
    };
    const begin = (): void => {
      running.value = true;
      order("start");
    };
    onBeforeUnmount(() => worker?.terminate());
    const words = (): string => {
      if (!progress.value) return running.value ? "It begins" : "Not begun";
      const { step, loss, ended } = progress.value;
      return `${ended || "running"}: step ${step}, loss ${loss.toExponential(2)}`;
    };
    return () =>
      h("div", { class: "train" }, [
        h("button", { type: "button", class: "train-start", disabled: running.value, onClick: begin }, "Start"),
        h("button", { type: "button", class: "train-cancel", disabled: !running.value, onClick: () => order("cancel") }, "Cancel"),
        h("progress", { max: 20_000, value: progress.value?.step ?? 0, "aria-label": "Steps" }),
        h("span", { role: "status", class: "train-words" }, words()),
      ]);
  },
});
