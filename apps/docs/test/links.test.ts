import { existsSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { expect, test } from "vitest";
import { builtPages, dist } from "./site.js";

const pages = builtPages();
const texts = new Map(pages.map((page) => [page, readFileSync(join(dist, page), "utf8")]));
const anchors = new Map<string, Set<string>>();

function hasAnchor(page: string, anchor: string): boolean {
  let own = anchors.get(page);
  if (!own) {
    own = new Set([...(texts.get(page) ?? "").matchAll(/ id="([^"]+)"/g)].map(([, id]) => id));
    anchors.set(page, own);
  }
  return own.has(anchor);
}

/** The links from the root that lead somewhere: most pages have the same ones. */
const good = new Set<string>();

/** Returns what is wrong with a link, if anything. */
function problem(from: string, href: string): string | undefined {
  if (good.has(href) || /^(https?:|mailto:|data:)/.test(href)) return undefined;
  const [path, anchor] = decodeURIComponent(href).split("#");
  let target = path === "" ? from : path.startsWith("/") ? path.slice(1) : posix.join(posix.dirname(from), path);
  if (target === "" || target.endsWith("/")) target += "index.html";
  if (!existsSync(join(dist, target))) return `${from}: ${href} leads nowhere`;
  if (anchor && target.endsWith(".html") && !hasAnchor(target, anchor)) return `${from}: ${href}: no such heading`;
  if (path.startsWith("/")) good.add(href);
  return undefined;
}

test("every link leads to a page and a heading, every script and style is there", () => {
  const problems = pages.flatMap((page) => {
    const links = new Set(
      [...(texts.get(page) ?? "").matchAll(/ (?:href|src)="([^"]*)"/g)].map(([, href]) => href.replaceAll("&amp;", "&")),
    );
    return [...links].map((href) => problem(page, href)).filter((each) => each !== undefined);
  });
  expect(problems).toEqual([]);
});

test("nothing is loaded from elsewhere", () => {
  const loaded = pages.filter((page) => /<(?:script|img|iframe)[^>]* src="https?:|<link[^>]* href="https?:/.test(texts.get(page) ?? ""));
  expect(loaded).toEqual([]);
});
