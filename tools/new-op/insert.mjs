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

/** A module's named imports, with those that a text uses and the file lacks. @param {string} module @param {string} used @returns {Edit} */
export const importing = (module, used) => (text) => {
  const found = new RegExp(`import \\{([^}]*)\\} from "${module}";`).exec(text);
  if (!found) throw new Error(`${JSON.stringify(module)} is imported no time`);
  const names = new Set([...found[1].split(",").map((name) => name.trim()), ...(used.match(/\b(of|passes)[XYZ]*(Out)?(?=\()/g) ?? [])]);
  const list = [...names].filter(Boolean).sort((a, b) => (a.replace("type ", "") < b.replace("type ", "") ? -1 : 1));
  return text.replace(found[0], `import {\n${list.map((name) => `  ${name},\n`).join("")}} from "${module}";`);
};

/** A file of its own. @param {string} text @returns {Edit} */
export const whole = (text) => (old) => {
  if (old !== "") throw new Error("it is there already");
  return text;
};
