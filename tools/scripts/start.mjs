// npm start: installs, builds the packages, and runs the tour.
import { install, pnpm, run } from "./run.mjs";

const ok =
  run("install the dependencies", install) &&
  run(
    "build the packages",
    pnpm("exec", "turbo", "run", "build", "--filter=./packages/*", "--filter=@ad/bench", "--output-logs=new-only"),
  ) &&
  run("run the tour", pnpm("--silent", "--filter", "@ad/bench", "tour"));

process.exitCode = ok ? 0 : 1;
