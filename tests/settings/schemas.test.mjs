// SPDX-License-Identifier: Apache-2.0
// node schemas.test.mjs WRITER PROFILES WORK: the settings for Kubernetes against what is published
// about each kind: its JSON schema, and its type, which also knows the names that there are.
import assert from "node:assert";
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { Ajv } from "ajv";
import { WORK, written } from "./settings.mjs";

const POLICIES = ["psa", "vap", "kyverno", "gatekeeper"];
const everything = written.flatMap(({ name, read }) =>
  [...POLICIES, ...POLICIES.map((kind) => `${kind}.enforce`), "k8s-patch", "k8s"].flatMap((kind) =>
    read(kind).map((document) => ({ where: `${name}.${kind}`, kind, document }))));
const published = everything.filter(({ kind }) => !kind.startsWith("gatekeeper"));

// The module of a document's kind, by its own apiVersion.
function moduleOf({ apiVersion, kind }) {
  const from = apiVersion.includes("kyverno.io") ? "@kubernetes-models/kyverno" : "kubernetes-models";
  return `${from}/${apiVersion}/${kind}`;
}

// The type a document has; a patch is a part of it.
function typeOf({ kind, document }) {
  if (kind === "k8s") return `{ securityContext: ${imported("kubernetes-models/v1/SecurityContext")} }`;
  const type = imported(moduleOf(document));
  return kind === "k8s-patch" ? `Part<${type}>` : type;
}

const imported = (module) => `import("${module}").I${module.split("/").at(-1)}`;

// Copies of a document with one name too many, in each place where there are names.
function* spoiled(document) {
  const places = [];
  const walk = (value, path) => {
    if (value === null || typeof value !== "object") return;
    if (!Array.isArray(value)) places.push(path);
    for (const [key, member] of Object.entries(value)) walk(member, [...path, key]);
  };
  walk(document, []);
  for (const path of places) {
    const copy = structuredClone(document);
    path.reduce((value, key) => value[key], copy).unheardOf = {};
    yield copy;
  }
}

function typeErrors(lines) {
  writeFileSync(join(WORK, "documents.mts"), lines.join("\n") + "\n");
  const { status, stdout } = spawnSync(
    process.execPath,
    [join(WORK, "node_modules/typescript/bin/tsc"), "--noEmit", "--strict", "--module", "nodenext",
     "--skipLibCheck", "documents.mts"],
    { cwd: WORK, encoding: "utf8" });
  return status === 0 ? "" : stdout;
}

test("every name and value is one that the published types have", () => {
  const lines = ["type Part<T> = T extends (infer U)[] ? Part<U>[] :",
                 "  T extends object ? { [K in keyof T]?: Part<T[K]> } : T;"];
  const declare = (type, document) =>
    lines.push(`export const d${lines.length}: ${type} = ${JSON.stringify(document)};`);
  const kinds = new Map(published.map((one) => [`${one.kind} ${one.document.kind}`, one]));
  for (const one of published) declare(typeOf(one), one.document);
  let unheardOf = 0;
  for (const one of kinds.values())
    for (const document of spoiled(one.document)) {
      lines.push("// @ts-expect-error");
      declare(typeOf(one), document);
      unheardOf += 1;
    }
  assert.ok(published.length >= 100 && unheardOf >= 50, `${published.length} ${unheardOf}`);
  assert.strictEqual(typeErrors(lines), "");
});

test("every whole document validates against the schema of its kind", async () => {
  const kinds = new Set();
  for (const { where, kind, document } of published) {
    if (kind.startsWith("k8s")) continue;  // parts; kubectl merges them in settings_tools_test.cc
    const { [document.kind]: Model } = await import(moduleOf(document));
    assert.doesNotThrow(() => new Model(document).validate(), where);
    assert.throws(() => new Model({ ...document, metadata: { name: 7 } }).validate(), where);
    kinds.add(document.kind);
  }
  assert.deepStrictEqual([...kinds].sort(), ["Namespace", "ValidatingAdmissionPolicy",
                                             "ValidatingAdmissionPolicyBinding", "ValidatingPolicy"]);
});

test("every constraint validates against the schema of Gatekeeper", () => {
  const schema = JSON.parse(readFileSync(join(WORK, "gatekeeper.schema.json")));
  const valid = new Ajv({ strict: true }).compile(schema);
  const constraints = everything.filter(({ kind }) => kind.startsWith("gatekeeper"));
  assert.ok(constraints.length >= 20);
  for (const { where, document } of constraints) {
    assert.ok(valid(document), `${where}: ${JSON.stringify(valid.errors)}`);
    for (const copy of spoiled(document)) assert.ok(!valid(copy), `${where}: ${JSON.stringify(copy)}`);
  }
});

test("every object has a name that Kubernetes takes", () => {
  for (const { where, kind, document } of everything)
    if (kind !== "k8s")
      assert.match(document.metadata.name, /^(?=.{1,63}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/, where);
});
