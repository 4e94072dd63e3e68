import { expect, test } from "vitest";
import { fromReadme } from "../src/page.mjs";

test("core's README has the page, what it shows, and how to bundle a worker", () => {
  const { html, shows, worker } = fromReadme();
  expect(worker).toMatch(/^npx esbuild worker.js .*=worker.bundle.js$/);
  expect(html).toContain(`<script type="importmap">`);
  expect(JSON.parse(shows as string)).toEqual([
    [2, 0],
    [0, 4],
  ]);
});
