// One file a widget: anywidget loads a module from a blob, where relative imports do not resolve, so each
// widget and the modules beside it become convlab/widgets/built/NAME.js. The result is committed, so that a
// learner needs no Node.
//
//     npm run build               writes them
//     npm run build -- NAME ...   writes these only
//     npm run build -- --check    fails when what is committed is not what the sources build

import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const SOURCES = dirname(fileURLToPath(import.meta.url));
const BUILT = join(SOURCES, "built");

/** Names of the widgets: a .js with a default export (what anywidget takes) and a .py of the same name beside it. */
export async function widgetNames(folder = SOURCES) {
  const files = new Set(await readdir(folder));
  const names = [];
  for (const file of [...files].sort()) {
    if (!file.endsWith(".js") || !files.has(file.replace(/\.js$/, ".py"))) continue;
    const source = await readFile(join(folder, file), "utf8");
    if (/^export (default\b|\{[^}]*\bas default\b)/m.test(source)) names.push(file.slice(0, -".js".length));
  }
  return names;
}

/** The text of one widget with all that it imports, minified. */
export async function bundle(name, folder = SOURCES) {
  const result = await build({
    absWorkingDir: folder,
    entryPoints: [join(folder, `${name}.js`)],
    bundle: true,
    charset: "utf8",
    format: "esm",
    legalComments: "none",
    logLevel: "silent",
    minify: true,
    target: "es2022",
    write: false,
  });
  return result.outputFiles[0].text;
}

/** What is wrong with the files in `built`, a sentence each; empty when they are what the sources build. */
async function differences(wanted) {
  const present = (await readdir(BUILT).catch(() => [])).filter((file) => file.endsWith(".js"));
  const found = present
    .filter((file) => !wanted.has(file))
    .map((file) => `built/${file} belongs to no widget: delete it.`);
  for (const [file, text] of wanted) {
    const committed = await readFile(join(BUILT, file), "utf8").catch(() => null);
    if (committed === null) found.push(`built/${file} is missing: run "npm run build".`);
    else if (committed !== text) found.push(`built/${file} is not what its sources build: run "npm run build".`);
  }
  return found;
}

async function check() {
  const wanted = new Map();
  for (const name of await widgetNames()) wanted.set(`${name}.js`, await bundle(name));
  const found = await differences(wanted);
  for (const line of found) console.error(line);
  return found.length ? 1 : 0;
}

async function write(chosen) {
  const names = await widgetNames();
  await mkdir(BUILT, { recursive: true });
  for (const file of await readdir(BUILT)) {
    if (file.endsWith(".js") && !names.includes(file.slice(0, -".js".length))) await rm(join(BUILT, file));
  }
  for (const name of chosen.length ? chosen : names) {
    const text = await bundle(name);
    await writeFile(join(BUILT, `${name}.js`), text);
    console.log(`built/${name}.js  ${(Buffer.byteLength(text) / 1000).toFixed(1)} kB`);
  }
  return 0;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const words = process.argv.slice(2);
  process.exitCode = words.includes("--check") ? await check() : await write(words);
}
