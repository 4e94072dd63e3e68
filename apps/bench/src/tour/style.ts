export const style = `
:root {
  color-scheme: light dark;
  --page: #fbfaf8; --card: #ffffff; --edge: #e6e2db; --ink: #23211e; --quiet: #6e6a63; --grid: #ebe8e2;
  --accent: #0b7285; --on-accent: #ffffff; --empty: #f4f2ee; --other: #b9b3a8; --good: #2b8a3e;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #16171a; --card: #1e2024; --edge: #31343a; --ink: #e8e6e3; --quiet: #9a978f; --grid: #2c2f35;
    --accent: #4cc3d9; --on-accent: #0b2229; --empty: #25282d; --other: #666a72; --good: #69db7c;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; max-width: 940px; padding: 40px 20px 64px; background: var(--page); color: var(--ink);
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
}
h1 { margin: 0 0 6px; font-size: 30px; line-height: 1.2; letter-spacing: -0.01em; }
h2 { margin: 0 0 4px; font-size: 19px; }
h3 { margin: 0 0 6px; font-size: 16px; }
p { margin: 0 0 14px; max-width: 74ch; }
.quiet { color: var(--quiet); }
section { margin-top: 24px; padding: 22px 24px; background: var(--card); border: 1px solid var(--edge); border-radius: 12px; overflow-x: auto; }
figure { margin: 14px 0 0; }
dl { display: grid; grid-template-columns: repeat(auto-fit, minmax(132px, 1fr)); gap: 14px 18px; margin: 24px 0 0; }
dt { color: var(--quiet); font-size: 13px; line-height: 1.35; }
dd { margin: 0; font-size: 23px; font-weight: 600; font-variant-numeric: tabular-nums; }
code { font: 0.88em ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; color: var(--accent); }
article { padding: 16px 0 14px; border-top: 1px solid var(--edge); }
article:last-child { padding-bottom: 0; }
h3 code { margin-left: 8px; font-weight: 400; }
table { border-collapse: collapse; font-size: 14px; }
th { padding: 2px 16px 2px 0; color: var(--quiet); font-weight: 400; text-align: left; vertical-align: top; white-space: nowrap; }
td { padding: 2px 0; font-variant-numeric: tabular-nums; }
.ok { color: var(--good); }
svg { display: block; width: 100%; height: auto; font: 13px system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
svg text { fill: var(--ink); font-variant-numeric: tabular-nums; }
svg .middle { text-anchor: middle; }
svg .end, svg .centred, svg .value { dominant-baseline: central; }
svg .end { text-anchor: end; }
svg .quiet { fill: var(--quiet); font-size: 12px; }
svg .strong { font-weight: 600; }
svg .code { fill: var(--accent); font: 12px ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
svg .value { text-anchor: middle; font-size: 15px; }
svg .on-accent { fill: var(--on-accent); }
svg .grid { stroke: var(--grid); }
svg .first { fill: var(--accent); }
svg .other { fill: var(--other); }
svg .curve { fill: none; stroke: var(--accent); stroke-width: 2; stroke-linejoin: round; }
`;
