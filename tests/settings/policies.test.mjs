// SPDX-License-Identifier: Apache-2.0
// node policies.test.mjs WRITER PROFILES WORK: the settings for Kubernetes by their schemas, and the
// policies by what they do to pods, against rules written down here a second time.
import assert from "node:assert";
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, join } from "node:path";
import test from "node:test";
import { pathToFileURL } from "node:url";
import { CAPABILITIES, Chance, pod, profile } from "./pods.mjs";
import { SHAPES, unknown } from "./shapes.mjs";

const [writer, profiles, work] = process.argv.slice(2);
const require = createRequire(pathToFileURL(join(work, "package.json")));
const { celEnv, parse, plan } = require("@bufbuild/cel");
const yaml = require("js-yaml");

const KINDS = ["k8s", "k8s-patch", "psa", "vap", "kyverno", "gatekeeper"];
const SCHEMAS = {
  ValidatingAdmissionPolicy: "admissionregistration.k8s.io/v1",
  ValidatingAdmissionPolicyBinding: "admissionregistration.k8s.io/v1",
  Namespace: "v1",
};
const BASELINE = ["AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE",
                  "SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT"];

function write(from, name) {
  const out = join(work, name);
  mkdirSync(out, { recursive: true });
  execFileSync(writer, [from, out, ...KINDS], { stdio: ["ignore", "ignore", "inherit"] });
  return readdirSync(from).map((file) => {
    const stem = basename(file, ".json");
    const read = (kind) => yaml.loadAll(readFileSync(join(out, `${stem}.${kind}`), "utf8"));
    return { name: stem, profile: JSON.parse(readFileSync(join(from, file))), read };
  });
}

function madeUp(count) {
  const from = join(work, "made-up");
  mkdirSync(from, { recursive: true });
  const chance = new Chance(7);
  for (let i = 0; i < count; ++i) writeFileSync(join(from, `p${i}.json`), JSON.stringify(profile(chance)));
  return write(from, "made-up-settings");
}

const written = write(profiles, "settings");
const kept = (profile) => (profile.recommendation?.keep ?? []).map((name) => name.slice(4));
const env = celEnv();
const compiled = (expression) => plan(env, parse(expression));
const holds = (planned, object) => {
  const result = planned({ object });
  assert.strictEqual(typeof result, "boolean", String(result));
  return result;
};

test("every document has known fields, and validates against the schema of Kubernetes", () => {
  let documents = 0;
  for (const { name, read } of written)
    for (const kind of ["k8s-patch", "psa", "vap", "kyverno", "gatekeeper", "psa.enforce", "vap.enforce", "kyverno.enforce", "gatekeeper.enforce"])
      for (const document of read(kind)) {
        const shape = SHAPES[document.kind];
        assert.ok(shape, `${name}.${kind}: ${document.kind}`);
        assert.deepStrictEqual(unknown(document, shape, `${name}.${kind}`), []);
        if (SCHEMAS[document.kind]) {
          const Model = require(`kubernetes-models/${SCHEMAS[document.kind]}/${document.kind}`)[document.kind];
          new Model(document).validate();
        }
        assert.match(document.metadata.name, /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/);
        documents += 1;
      }
  assert.ok(documents >= 100, `${documents}`);
  assert.notDeepStrictEqual(unknown({ kind: "Pod", spec: { container: [] } }, SHAPES.Pod), []);
  assert.throws(() => {
    const { Namespace } = require("kubernetes-models/v1/Namespace");
    new Namespace({ metadata: { name: 123 } }).validate();
  });
});

test("the security context adds what is kept and drops all", () => {
  for (const { name, profile, read } of written) {
    const [{ securityContext }] = read("k8s");
    assert.deepStrictEqual(unknown(securityContext, SHAPES.securityContext, name), []);
    assert.deepStrictEqual(securityContext.capabilities.drop, ["ALL"]);
    assert.deepStrictEqual(securityContext.capabilities.add ?? [], kept(profile).sort());
  }
});

// What the policies promise, said a second time.
function admitted(pod, allowed) {
  const all = ["containers", "initContainers", "ephemeralContainers"].flatMap((list) => pod.spec[list] ?? []);
  return all.every(({ securityContext }) =>
    securityContext?.capabilities?.drop?.includes("ALL") && !securityContext.privileged &&
    (securityContext.capabilities.add ?? []).every((name) => allowed.includes(name)));
}

for (const kind of ["vap", "kyverno"])
  test(`${kind}: its expressions admit and refuse as promised`, () => {
    const seen = { true: 0, false: 0 };
    for (const { name, profile, read } of written) {
      const expressions = read(kind)[0].spec.validations.map((v) => compiled(v.expression));
      const chance = new Chance(name.length * 7919 + 1);
      for (let i = 0; i < 100; ++i) {
        const object = pod(chance, kept(profile));
        const verdict = expressions.every((e) => holds(e, object));
        assert.strictEqual(verdict, admitted(object, kept(profile)), `${name}: ${JSON.stringify(object)}`);
        seen[verdict] += 1;
      }
    }
    assert.ok(seen.true > 100 && seen.false > 100, JSON.stringify(seen));
  });

test("policies select the workload, and refuse only when enforced", () => {
  for (const { name, profile, read } of written) {
    const [policy, binding] = read("vap");
    const labels = policy.spec.matchConstraints.objectSelector.matchLabels;
    for (const [key, value] of Object.entries(labels)) {
      const seen = profile.container.labels?.[key];
      assert.ok(seen === value || (key === "app" && seen === undefined), `${name}: ${key}=${value}`);
    }
    assert.ok(Object.keys(labels).length > 0);
    assert.strictEqual(binding.spec.matchResources?.namespaceSelector.matchLabels["kubernetes.io/metadata.name"],
                       profile.container.namespace, name);
    assert.deepStrictEqual(binding.spec.validationActions, ["Warn", "Audit"]);
    assert.deepStrictEqual(read("vap.enforce")[1].spec.validationActions, ["Deny"]);
    const constraint = read("gatekeeper")[0].spec;
    assert.deepStrictEqual(constraint.match.labelSelector.matchLabels, labels);
    assert.deepStrictEqual(constraint.parameters.allowedCapabilities, kept(profile).sort());
    assert.deepStrictEqual([constraint.enforcementAction, read("gatekeeper.enforce")[0].spec.enforcementAction],
                           ["dryrun", "deny"]);
  }
});

test("psa: the level is the one that an evaluator of the levels finds", () => {
  const list = (names) => `[${names.map((n) => `'${n}'`).join(", ")}]`;
  const adds = (names) => `(!has(c.capabilities.add) || c.capabilities.add.all(k, k in ${list(names)}))`;
  const baseline = compiled(`object.all(c, ${adds(BASELINE)} && (!has(c.privileged) || !c.privileged))`);
  const restricted = compiled(
    `object.all(c, has(c.capabilities.drop) && 'ALL' in c.capabilities.drop && ${adds(["NET_BIND_SERVICE"])} &&
     has(c.allowPrivilegeEscalation) && !c.allowPrivilegeEscalation && has(c.runAsNonRoot) && c.runAsNonRoot)`);
  const levels = {};
  for (const { name, read } of [...written, ...madeUp(300)]) {
    const contexts = [read("k8s")[0].securityContext];
    const level = holds(restricted, contexts) ? "restricted" : holds(baseline, contexts) ? "baseline" : "privileged";
    const { labels } = read("psa")[0].metadata;
    assert.strictEqual(labels["pod-security.kubernetes.io/warn"], level, name);
    assert.strictEqual(labels["pod-security.kubernetes.io/enforce"], undefined);
    assert.strictEqual(read("psa.enforce")[0].metadata.labels["pod-security.kubernetes.io/enforce"], level);
    levels[level] = (levels[level] ?? 0) + 1;
  }
  for (const level of ["restricted", "baseline", "privileged"]) assert.ok(levels[level] >= 10, JSON.stringify(levels));
  assert.strictEqual(CAPABILITIES.length, 41);
});
