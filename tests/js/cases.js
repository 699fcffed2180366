// The cases that torch computed for conv.test.js. pytest writes them once and names the file in CONVLAB_CASES;
// run by hand (`npm test`) the file is written here, by the first Python that has torch.

import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const PYTHONS = [join(ROOT, ".venv/bin/python"), join(ROOT, ".venv/Scripts/python.exe"), "python3", "python"];
const COUNT = 300;

const parsed = (file) => readFileSync(file, "utf8").trim().split("\n").map((line) => JSON.parse(line));

/** The cases, or the end of the process after one sentence when no Python here can compute them. */
export function torchCases(pythons = PYTHONS, count = COUNT) {
  if (process.env.CONVLAB_CASES) return parsed(process.env.CONVLAB_CASES);
  const folder = mkdtempSync(join(tmpdir(), "convlab-"));
  const file = join(folder, "cases.jsonl");
  try {
    for (const python of pythons) {
      const done = spawnSync(python, [join(ROOT, "tests/js/torch_cases.py"), file, String(count)]);
      if (done.status === 0) return parsed(file);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  console.error("conv.js is tested against PyTorch, and no Python here has torch: install the course " +
    "(`python3 -m convlab`), or name a file of cases in CONVLAB_CASES.");
  return process.exit(1);
}
