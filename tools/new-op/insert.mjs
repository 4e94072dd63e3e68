// Edits of source text by an anchor that is there once: what an edit cannot find it says, instead of guessing.

/** @typedef {(text: string) => string} Edit */

/** @param {string} text @param {string} anchor */
function place(text, anchor) {
  const at = text.indexOf(anchor);
  if (at < 0 || text.includes(anchor, at + 1))
    throw new Error(`${JSON.stringify(anchor)} is there ${at < 0 ? "no" : "more than one"} time`);
  return at;
}

/** Whole lines before the line that begins with an anchor. @param {string} anchor @param {string} lines @returns {Edit} */
export const before = (anchor, lines) => (text) => {
  const at = place(`\n${text}`, `\n${anchor}`);
  return `${text.slice(0, at)}${lines}\n${text.slice(at)}`;
};

/** Text in front of the doc comment of what an anchor declares. @param {string} declaration @param {string} lines @returns {Edit} */
export const beforeDoc = (declaration, lines) => (text) => {
  const at = text.lastIndexOf("/**\n", place(text, declaration));
  return `${text.slice(0, at)}${lines}\n\n${text.slice(at)}`;
};

/** Text within a line, right after an anchor. @param {string} anchor @param {string} addition @returns {Edit} */
export const after = (anchor, addition) => (text) => {
  const at = place(text, anchor) + anchor.length;
  return text.slice(0, at) + addition + text.slice(at);
};

/** A file of its own. @param {string} text @returns {Edit} */
export const whole = (text) => (old) => {
  if (old !== "") throw new Error("it is there already");
  return text;
};
