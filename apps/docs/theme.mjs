// A plugin of typedoc: how the pages of the API look. One block of signatures, one text for all of them, errors as a list.
import { MarkdownPageEvent, MarkdownTheme, MarkdownThemeContext } from "typedoc-plugin-markdown";

/** @param {import("typedoc-plugin-markdown").MarkdownApplication} app */
export function load(app) {
  app.renderer.defineTheme("pages", Pages);
  app.renderer.on(MarkdownPageEvent.END, (page) => {
    if (!page.contents) return;
    page.contents = withoutEmptyRows(page.contents);
    if (page.model.name === "NDArray") page.contents = withFamilies(page.contents, page.model);
  });
}

class Pages extends MarkdownTheme {
  /** @param {import("typedoc-plugin-markdown").MarkdownPageEvent} page */
  getRenderContext(page) {
    return new Context(this, page, this.application.options);
  }
}

/** @typedef {import("typedoc").SignatureReflection} Signature */

class Context extends MarkdownThemeContext {
  /** @param {any[]} args */
  constructor(...args) {
    // @ts-expect-error: what the class above passes
    super(...args);
    const { signature, signatureReturns, comment } = this.partials;
    const { getDescriptionForComment } = this.helpers;
    this.helpers = { ...this.helpers, getDescriptionForComment: (of) => firstSentence(getDescriptionForComment(of) ?? "") };
    this.partials = {
      ...this.partials,
      signatures: (model, options) => this.overloads(model.signatures ?? [], options.headingLevel + 1),
      signature: (model, options) => signature(bare(model), options),
      comment: (model, options) => listOfErrors(comment(model, options)),
      signatureReturns: (model, options) => (model.comment?.getTag("@returns") ? signatureReturns(model, options) : ""),
    };
  }

  /** @param {readonly Signature[]} signatures @param {number} headingLevel */
  overloads(signatures, headingLevel) {
    /** @type {Map<string, Signature[]>} */
    const texts = new Map();
    for (const each of signatures) {
      // An overload without a text of its own goes with the one before it.
      const key = each.comment ? text(each.comment.summary) : ([...texts.keys()].at(-1) ?? "");
      texts.set(key, [...(texts.get(key) ?? []), each]);
    }
    return [...texts.values()]
      .map((alike) => {
        const titles = alike.map((each) => this.partials.signatureTitle(each));
        const block = `\`\`\`ts\n${titles.map((title) => broken(title.replace(/^```ts\n|\n```$/g, ""))).join("\n")}\n\`\`\``;
        return [block, this.partials.signature(together(alike), { headingLevel, hideTitle: true })].join("\n\n");
      })
      .join("\n\n");
  }
}

/** @param {readonly { text: string }[] | undefined} parts */
const text = (parts) => (parts ?? []).map((part) => part.text).join("");

/** Returns the first sentence, which a table of names shows. @param {string} words */
const firstSentence = (words) => /^.*?[.!?](?= [A-Z`]|$)/s.exec(words)?.[0] ?? words;

/** The signature block names the type parameters, with what they extend. @param {Signature} signature @returns {Signature} */
const bare = (signature) => Object.create(signature, { typeParameters: { value: undefined } });

/** One signature with the parameters of all, each once. @param {readonly Signature[]} signatures @returns {Signature} */
function together(signatures) {
  const [first] = signatures;
  /** @type {Map<string, import("typedoc").ParameterReflection>} */
  const parameters = new Map();
  for (const each of signatures.flatMap((signature) => signature.parameters ?? [])) {
    const known = parameters.get(each.name);
    if (!known || (!known.comment && each.comment)) parameters.set(each.name, each);
  }
  return Object.create(first, { parameters: { value: [...parameters.values()] } });
}

/** A signature in one line or, where it is long, with a parameter in each, and a type parameter where those are long too. @param {string} title */
function broken(title) {
  const line = title
    .replace(/\(\s*\n\s*/g, "(")
    .replace(/,?\s*\n\s*\)/g, ")")
    .replace(/\s*\n\s*/g, " ");
  if (line.length <= 76) return line;
  const lines = listed(line, "(");
  const [first] = lines.split("\n");
  return first.length <= 76 ? lines : listed(lines, "<");
}

/** The text with its first bracket's content, outside of all others, in a line for each part. @param {string} text @param {string} bracket */
function listed(text, bracket) {
  let [depth, open, close] = [0, -1, -1];
  /** @type {number[]} */
  const commas = [];
  for (let i = 0; i < text.length && close < 0; i++) {
    const letter = text[i];
    if (letter === bracket && depth === 0 && open < 0) open = i;
    if ("([{<".includes(letter)) depth++;
    // The > of an arrow closes nothing.
    const closes = ")]}".includes(letter) || (letter === ">" && text[i - 1] !== "=");
    if (closes) depth--;
    if (letter === "," && depth === 1 && open >= 0) commas.push(i);
    if (closes && depth === 0 && open >= 0) close = i;
  }
  if (close < 0) return text;
  const parts = [open, ...commas].map((from, k) => text.slice(from + 1, commas[k] ?? close).trim());
  return `${text.slice(0, open + 1)}\n${parts.map((part) => `  ${part},\n`).join("")}${text.slice(close)}`;
}

/** Errors as a list, where a sentence names several, with when each is thrown. @param {string} markdown */
const listOfErrors = (markdown) =>
  markdown.replace(/((?:^|\n)#+ Throws\n+)(.*?)(?=\n\n#|$)/s, (_, heading, sentence) => {
    /** @type {string[]} */
    const items = [];
    let begun = "";
    for (const part of sentence.replace(/\s*\n\s*/g, " ").split(/[,;] (?:and )?(?=(?:linalg\.)?[A-Z]\w*Error\b)/)) {
      begun = begun ? `${begun}, ${part}` : part;
      // "ShapeError, DTypeError or TreeError where …" is one of them.
      if (!/ (where|as|if|for|from|of|when) /.test(`${part} `)) continue;
      items.push(begun);
      begun = "";
    }
    if (begun) items.push(begun);
    return heading + (items.length > 1 ? items.map((item) => `- ${item}`).join("\n") : items.join(""));
  });

/**
 * Tables without what says nothing: names of type parameters, which the signatures have too, and fields that their parameter's text names.
 * @param {string} contents
 */
const withoutEmptyRows = (contents) =>
  contents.replace(/^#+ Type Parameters\n\n\| Type Parameter \|\n(\|.*\|\n)+\n/gm, "").replace(/^\| `\w+\.\w+\??` \|.*\| - \|\n/gm, "");

/** A table of the families at the top of a page that has many. @param {string} contents @param {any} model */
function withFamilies(contents, model) {
  const rows = model.groups.map((/** @type {any} */ { title, children }) => {
    const names = children.map((/** @type {any} */ { name }) => (name.startsWith("[") ? null : `[\`${name}\`](#${name.toLowerCase()})`));
    return `| [${title}](#${title.toLowerCase().replaceAll(" ", "-")}) | ${names.filter(Boolean).join(" ")} |`;
  });
  const table = ["| | |", "|---|---|", ...rows].join("\n");
  return contents.replace(/^## (?!Example)/m, (begin) => `${table}\n\n${begin}`);
}
