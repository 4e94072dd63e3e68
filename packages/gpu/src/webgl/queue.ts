/** Draws and uploads that wait, in their order: behind the first one whose program is still being compiled, so that others are meanwhile. */
export class Queue {
  #waiting: (() => void)[] = [];

  /** At once where nothing waits. */
  push(act: () => void, mayWait: boolean): void {
    if (!mayWait && this.#waiting.length === 0) {
      act();
      return;
    }
    this.#waiting.push(act);
    if (this.#waiting.length >= maxWaiting) this.flush();
  }

  /** Before anything is read, and before a texture is deleted. */
  flush(): void {
    const acts = this.#waiting;
    this.#waiting = [];
    for (const act of acts) act();
  }
}

/** The most that wait: they hold textures, and the GPU is idle meanwhile. */
const maxWaiting = 32;
