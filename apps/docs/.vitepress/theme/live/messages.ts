/** An example as its worker gets it. */
export interface Program {
  /** JavaScript, the body of an async function of `require`, `show_`, `console` and `exports`, with the lines of the example. */
  readonly javascript: string;
  readonly imports: readonly Import[];
  /** The exports of the plotting package; an example that does not plot has no need of them. */
  readonly pictures: readonly string[];
}

/** A module that an example names, the line (from 1) where it does, and what it takes of it. */
export interface Import {
  readonly module: string;
  readonly line: number;
  readonly names: readonly { readonly name: string; readonly line: number }[];
}

/** The messages of a worker about the example that it runs. The last of them is an end. */
export type Report =
  | { readonly source: string; readonly text: string }
  | { readonly picture: Picture }
  | { readonly ended: Failure | undefined };

/** A call that the page makes for the worker, which has no document: of a function of plotting, with what it is called with. */
export interface Picture {
  readonly plotted: string;
  readonly args: readonly unknown[];
}

export const isPicture = (value: unknown): value is Picture => typeof value === "object" && value !== null && "plotted" in value;

/** The reason for which an example stopped, and the line (from 1) of it that is to blame, where one is known. */
export interface Failure {
  readonly message: string;
  readonly line: number | undefined;
}
