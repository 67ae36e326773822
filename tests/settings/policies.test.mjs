// SPDX-License-Identifier: Apache-2.0
// node policies.test.mjs WRITER PROFILES WORK: the policies by what they do to pods, against rules
// written down here a second time.
import assert from "node:assert";
import test from "node:test";
import { celEnv, parse, plan } from "@bufbuild/cel";
import { CAPABILITIES, Chance, pod } from "./pods.mjs";
import { madeUp, written } from "./settings.mjs";

const BASELINE = ["AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE",
                  "SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT"];

const kept = (profile) => (profile.recommendation?.keep ?? []).map((name) => name.slice(4));
const env = celEnv();
const compiled = (expression) => plan(env, parse(expression));
const holds = (planned, object) => {
  const result = planned({ object });
  assert.strictEqual(typeof result, "boolean", String(result));
  return result;
};

test("the security context adds what is kept and drops all", () => {
  for (const { profile, read } of written) {
    const [{ securityContext }] = read("k8s");
    assert.deepStrictEqual(securityContext.capabilities.drop, ["ALL"]);
    assert.deepStrictEqual(securityContext.capabilities.add ?? [], kept(profile).sort());
  }
});

// The one that a patch is about.
const containerIn = ({ spec }) =>
  (spec.containers ?? spec.template?.spec.containers ?? spec.jobTemplate.spec.template.spec.containers)[0];

const containersOf = (pod) =>
  ["containers", "initContainers", "ephemeralContainers"].flatMap((list) => pod.spec[list] ?? []);

// What the policies promise, said a second time: about the container of one name, or about all.
function admitted(pod, allowed, named) {
  return containersOf(pod).filter(({ name }) => !named || name === named).every(({ securityContext }) =>
    securityContext?.capabilities?.drop?.includes("ALL") && !securityContext.privileged &&
    (securityContext.capabilities.add ?? []).every((name) => allowed.includes(name)));
}

for (const kind of ["vap", "kyverno"])
  test(`${kind}: its expressions admit and refuse as promised`, () => {
    const seen = { true: 0, false: 0 };
    for (const { name, profile, read } of written) {
      const expressions = read(kind)[0].spec.validations.map((v) => compiled(v.expression));
      const container = containerIn(read("k8s-patch")[0]).name;
      const chance = new Chance(name.length * 7919 + 1);
      for (let i = 0; i < 100; ++i) {
        const object = pod(chance, kept(profile), container);
        const verdict = expressions.every((e) => holds(e, object));
        assert.strictEqual(verdict, admitted(object, kept(profile), container), `${name}: ${JSON.stringify(object)}`);
        seen[verdict] += 1;
      }
    }
    assert.ok(seen.true > 100 && seen.false > 100, JSON.stringify(seen));
  });

// How Gatekeeper's template decides about a pod that is created, by its Rego in the versions 1.0.1 to
// 1.1.3: two lists for all three kinds of containers, names in capitals or not, and "all" dropped is
// as good as every name. Whether a container is privileged is for another template.
function admittedByTemplate(pod, { allowedCapabilities, requiredDropCapabilities }) {
  const lower = (names = []) => names.map((name) => name.toLowerCase());
  const allowed = lower(allowedCapabilities);
  return containersOf(pod).every(({ securityContext }) => {
    const dropped = lower(securityContext?.capabilities?.drop);
    const added = lower(securityContext?.capabilities?.add);
    return (allowed.includes("*") || added.every((name) => allowed.includes(name))) &&
      (dropped.includes("all") || lower(requiredDropCapabilities).every((name) => dropped.includes(name)));
  });
}

test("gatekeeper: the parameters admit and refuse what the other policies do, privileged aside", () => {
  const seen = { true: 0, false: 0 };
  for (const { name, profile, read } of written) {
    const { parameters } = read("gatekeeper")[0].spec;
    const chance = new Chance(name.length * 7919 + 1);
    for (let i = 0; i < 100; ++i) {
      const object = pod(chance, kept(profile));
      const verdict = admittedByTemplate(object, parameters);
      for (const { securityContext: context } of containersOf(object)) {
        delete context?.privileged;
        if (context?.capabilities?.add) context.capabilities.add = context.capabilities.add.map((n) => n.toUpperCase());
      }
      assert.strictEqual(verdict, admitted(object, kept(profile)), `${name}: ${JSON.stringify(object)}`);
      seen[verdict] += 1;
    }
  }
  assert.ok(seen.true > 100 && seen.false > 100, JSON.stringify(seen));
});

test("policies select the workload, and refuse only when enforced", () => {
  for (const { name, profile, read } of written) {
    const [policy, binding] = read("vap");
    const selector = policy.spec.matchConstraints.objectSelector;
    const labels = selector.matchLabels ?? {};
    for (const [key, value] of Object.entries(labels)) {
      const seen = profile.container.labels?.[key];
      assert.ok(seen === value || (["app", "job-name"].includes(key) && seen === undefined), `${name}: ${key}=${value}`);
    }
    assert.ok(Object.keys(labels).length > 0 || selector.matchExpressions[0].key === "job-name");
    assert.strictEqual(binding.spec.matchResources?.namespaceSelector.matchLabels["kubernetes.io/metadata.name"],
                       profile.container.namespace, name);
    assert.deepStrictEqual(binding.spec.validationActions, ["Warn", "Audit"]);
    assert.deepStrictEqual(read("vap.enforce")[1].spec.validationActions, ["Deny"]);
    const constraint = read("gatekeeper")[0].spec;
    assert.deepStrictEqual(constraint.match.labelSelector, selector);
    assert.deepStrictEqual(constraint.parameters.allowedCapabilities, kept(profile).sort());
    assert.deepStrictEqual([constraint.enforcementAction, read("gatekeeper.enforce")[0].spec.enforcementAction],
                           ["dryrun", "deny"]);
  }
});

test("kyverno: conditions select the workload's pods, and leave it to make rules for what creates them", () => {
  const request = (namespace) => ({ namespace });
  for (const { name, profile, read } of written) {
    const { matchConstraints, matchConditions } = read("kyverno")[0].spec;
    assert.deepStrictEqual(Object.keys(matchConstraints), ["resourceRules"], name);
    assert.deepStrictEqual(matchConstraints.resourceRules.map((rule) => rule.resources), [["pods"]]);
    const planned = matchConditions.map(({ expression }) => compiled(expression));
    const selector = read("vap")[0].spec.matchConstraints.objectSelector;
    const labels = selector.matchLabels ?? { "job-name": `${read("k8s-patch")[0].metadata.name}-29251440` };
    const matches = (object, namespace) => planned.every((p) => p({ object, request: request(namespace) }) === true);
    const own = profile.container.namespace ?? "any";
    assert.ok(matches({ metadata: { labels: { ...labels, more: "x" } } }, own), name);
    assert.ok(!matches({ metadata: { labels: { other: "x" } } }, own), name);
    assert.ok(!matches({ metadata: {} }, own), name);
    if (profile.container.namespace) assert.ok(!matches({ metadata: { labels } }, "another"), name);
  }
});

test("psa: the level is the one that an evaluator of the levels finds", () => {
  const list = (names) => `[${names.map((n) => `'${n}'`).join(", ")}]`;
  const adds = (names) => `(!has(c.capabilities.add) || c.capabilities.add.all(k, k in ${list(names)}))`;
  const baseline = compiled(`object.all(c, ${adds(BASELINE)} && (!has(c.privileged) || !c.privileged))`);
  const restricted = compiled(
    `object.all(c, has(c.capabilities.drop) && 'ALL' in c.capabilities.drop && ${adds(["NET_BIND_SERVICE"])} &&
     has(c.allowPrivilegeEscalation) && !c.allowPrivilegeEscalation && has(c.runAsNonRoot) && c.runAsNonRoot &&
     has(c.seccompProfile) && c.seccompProfile.type in ['RuntimeDefault', 'Localhost'])`);
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
