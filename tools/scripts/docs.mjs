// npm run docs: installs, builds the documentation, and serves it until it is interrupted.
import { install, pnpm, run } from "./run.mjs";

const ok =
  run("install the dependencies", install) &&
  run("build the documentation", pnpm("exec", "turbo", "run", "build", "--filter=@ad/docs", "--output-logs=new-only")) &&
  run("serve the documentation", pnpm("--silent", "--filter", "@ad/docs", "preview"));

process.exitCode = ok ? 0 : 1;
