import { expect, test } from "vitest";
import { fromReadme } from "../src/page.mjs";

test("core's README has the page, its commands, and what it shows", () => {
  const { commands, html, shows } = fromReadme();
  expect(commands).toContainEqual(expect.stringMatching(/^npx esbuild .*ndarray/));
  expect(html).toContain(`<script type="importmap">`);
  expect(JSON.parse(shows as string)).toEqual([
    [2, 0],
    [0, 4],
  ]);
});
