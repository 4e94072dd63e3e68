import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { javascript } from "@codemirror/lang-javascript";
import { bracketMatching, indentOnInput, syntaxHighlighting } from "@codemirror/language";
import { type Diagnostic, setDiagnostics } from "@codemirror/lint";
import { EditorView, keymap } from "@codemirror/view";
import { classHighlighter } from "@lezer/highlight";
import type { Failure } from "./messages.js";

export interface Editor {
  readonly text: () => string;
  readonly replace: (text: string) => void;
  /** Underlines the line that failed, or nothing. */
  readonly mark: (failure: Failure | undefined) => void;
  readonly destroy: () => void;
}

/** An editor in place of what the element holds. Tab leaves it, as it leaves any other field. */
export function createEditor(parent: HTMLElement, text: string, changed: () => void, run: () => boolean): Editor {
  const view = new EditorView({
    doc: text,
    extensions: [
      history(),
      indentOnInput(),
      bracketMatching(),
      keymap.of([{ key: "Mod-Enter", run }, { key: "Shift-Enter", run }, ...defaultKeymap, ...historyKeymap]),
      javascript({ typescript: true }),
      syntaxHighlighting(classHighlighter),
      EditorView.contentAttributes.of({ "aria-label": "Example, editable; Control or Command with Enter runs it" }),
      EditorView.updateListener.of((update) => update.docChanged && changed()),
    ],
  });
  parent.replaceChildren(view.dom);
  const diagnostics = (failure: Failure): Diagnostic[] => {
    if (failure.line === undefined || failure.line > view.state.doc.lines) return [];
    const { from, to } = view.state.doc.line(failure.line);
    return [{ from, to, severity: "error", message: failure.message }];
  };
  return {
    text: () => view.state.doc.toString(),
    replace: (insert) => view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert } }),
    mark: (failure) => view.dispatch(setDiagnostics(view.state, failure ? diagnostics(failure) : [])),
    destroy: () => view.destroy(),
  };
}
