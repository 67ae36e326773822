// SPDX-License-Identifier: Apache-2.0
// node rendered.test.mjs KUBECTL HELM DEPLOY WORK: objects against the published schemas and types of their
// kinds; the chart renders what the overlays do.
import assert from "node:assert";
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { Ajv } from "ajv";
import { WORK, everything, variants } from "./renderings.mjs";

const SCC = "SecurityContextConstraints";
const published = everything.flatMap(([where, objects]) =>
  objects.filter(({ kind }) => kind !== SCC).map((object) => ({ where: `${where}: ${object.kind}`, object })));
const moduleOf = ({ apiVersion, kind }) => `kubernetes-models/${apiVersion}/${kind}`;

// Kubernetes sorts volumes and mounts as little as it sorts keys: a patch puts its own first.
function sorted(objects) {
  const copy = structuredClone(objects);
  for (const { kind, spec } of copy) {
    if (kind !== "DaemonSet") continue;
    spec.template.spec.volumes.sort((a, b) => a.name.localeCompare(b.name));
    for (const container of spec.template.spec.containers)
      container.volumeMounts.sort((a, b) => a.mountPath.localeCompare(b.mountPath));
  }
  return Object.fromEntries(copy.map((object) => [`${object.kind} ${object.metadata.name}`, object]));
}

test("the chart renders what the overlays do, without the namespace", () => {
  const twins = variants.filter(({ chart }) => chart);
  assert.strictEqual(twins.length, 9);
  for (const { name, objects, chart } of twins) {
    assert.ok(chart.taken, `${name}: ${chart.said}`);
    assert.deepStrictEqual(sorted(chart.objects),
                           sorted(objects.filter(({ kind }) => kind !== "Namespace")), name);
  }
});

test("each overlay and component changes something", () => {
  const texts = new Set(variants.map(({ objects }) => JSON.stringify(sorted(objects))));
  assert.strictEqual(texts.size, variants.length);
});

test("every object validates against the schema of its kind", async () => {
  const kinds = new Set();
  for (const { where, object } of published) {
    const { [object.kind]: Model } = await import(moduleOf(object));
    assert.doesNotThrow(() => new Model(object).validate(), where);
    assert.throws(() => new Model({ ...object, metadata: { name: 7 } }).validate(), where);
    kinds.add(object.kind);
  }
  assert.deepStrictEqual([...kinds].sort(), ["ConfigMap", "DaemonSet", "Namespace", "NetworkPolicy",
                                             "PriorityClass", "Secret", "ServiceAccount"]);
});

// Schemas accept any name; types do not.
test("every name and value is one that the published types have", () => {
  const lines = [];
  const declare = ({ object }, text = JSON.stringify(object)) =>
    lines.push(`export const d${lines.length}: import("${moduleOf(object)}").I${object.kind} = ${text};`);
  published.forEach((one) => declare(one));
  const pod = published.find(({ object }) => object.kind === "DaemonSet");
  const text = JSON.stringify(pod.object);
  for (const name of ["securityContext", "volumeMounts", "livenessProbe", "hostPath"]) {
    const spoiled = text.replace(`"${name}":`, `"${name}s":`);
    assert.notStrictEqual(spoiled, text);
    lines.push("// @ts-expect-error");
    declare(pod, spoiled);
  }
  writeFileSync(join(WORK, "documents.mts"), lines.join("\n") + "\n");
  const { status, stdout } = spawnSync(
    process.execPath,
    [join(WORK, "node_modules/typescript/bin/tsc"), "--noEmit", "--strict", "--module", "nodenext",
     "--skipLibCheck", "documents.mts"],
    { cwd: WORK, encoding: "utf8" });
  assert.strictEqual(status, 0, stdout);
});

test("the constraint of OpenShift validates against the schema of its kind", () => {
  const schema = JSON.parse(readFileSync(join(WORK, "scc.schema.json")));
  const valid = new Ajv({ strict: true, allowUnionTypes: true }).compile(schema);
  const constraints = everything.flatMap(([, objects]) => objects.filter(({ kind }) => kind === SCC));
  assert.strictEqual(constraints.length, 2);
  for (const one of constraints) {
    assert.ok(valid(one), JSON.stringify(valid.errors));
    assert.ok(!valid({ ...one, allowHostDirVolumePlugins: true }));
    assert.ok(!valid({ ...one, priority: undefined }));
  }
});

test("the labels and the version are those of capmon", () => {
  for (const [where, objects] of everything)
    for (const { kind, metadata } of objects)
      if (!["ConfigMap", "Secret"].includes(kind) && metadata.name !== "capmond-sinks")
        assert.strictEqual(metadata.labels["app.kubernetes.io/name"], "capmon", `${where}: ${kind}`);
});
