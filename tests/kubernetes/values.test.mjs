// SPDX-License-Identifier: Apache-2.0
// node values.test.mjs KUBECTL HELM DEPLOY WORK: helm takes good values of the chart and says what is wrong with
// others; each value ends where it should.
import assert from "node:assert";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import yaml from "js-yaml";
import { WORK, chart, only, source, variants } from "./renderings.mjs";

const DIGEST = `sha256:${"0a".repeat(32)}`;
const set = (value) => ["--set-json", value];
const podOf = (objects) => only(objects, "DaemonSet").spec.template.spec;
const rendered = (...options) => {
  const { taken, said, objects } = chart(...options);
  assert.ok(taken, said);
  return objects;
};

test("bad values are refused, with the name of the value", () => {
  for (const [value, name] of [
    ['distribution="docker"', "distribution"], ['pins="yes"', "pins"], ["pins=1", "pins"],
    ['containerdState="run/containerd"', "containerdState"], ['image.tag="a tag"', "tag"],
    ['image.repository=""', "repository"], ['image.digest="sha256:12"', "digest"],
    ['image.pullPolicy="Sometimes"', "pullPolicy"], ['imagePullSecrets=["name"]', "imagePullSecrets"],
    ['extraArgs=["-v"]', "extraArgs"], ['extraArgs="--record=/x"', "extraArgs"], ["maxUnavailable=0", "maxUnavailable"],
    ['maxUnavailable="0%"', "maxUnavailable"], ['resources.limits.memory="lots"', "memory"],
    ["resources.limits.memory=0", "memory"], ['resource={"limits": {}}', "resource"],
    ['nodeSelector={"a": 1}', "nodeSelector"], ['networkPolicy.egress={"to": []}', "egress"],
    ['metrics.port=80', "port"], ['metrics=true', "metrics"], ['metrics.from={}', "from"],
    ['config="sinks"', "config"], ['podAnnotations={"a": true}', "podAnnotations"],
    ...["1.2.3Mi", "0Mi", ".", "0.0"].map((memory) => [`resources.limits.memory="${memory}"`, "memory"]),
    ...["/", "/a/", "//a", "/a/../b", "/.", "a"].map((state) => [`containerdState="${state}"`, "containerdState"]),
    // What the chart sets is there once.
    ['podLabels={"app.kubernetes.io/name": "x"}', "podLabels"], ['extraEnv=[{"name": "NODE_NAME"}]', "extraEnv"],
    ['extraEnv=[{"name": "a b"}]', "extraEnv"], ['extraArgs=["--address=unix:///x"]', "extraArgs"],
    ['extraArgs=["--metrics=0.0.0.0:1"]', "extraArgs"],
    // One release for a cluster, whose objects have fixed names in its namespace.
    ['fullnameOverride="x"', "fullnameOverride"], ['nameOverride="x"', "nameOverride"], ['namespace="x"', "namespace"],
  ]) {
    const { taken, said } = chart(...set(value));
    assert.ok(!taken, value);
    assert.match(said, new RegExp(`values don't meet the specifications[^]*${name}`), value);
  }
});

test("a Kubernetes that is too old is refused", () => {
  assert.match(chart("--kube-version", "1.24.9").said, /kubeVersion/);
});

test("every value that values.yaml shows is one of the schema, and the other way round", () => {
  const shown = Object.keys(yaml.load(source("helm/capmon/values.yaml")));
  const known = Object.keys(JSON.parse(source("helm/capmon/values.schema.json")).properties);
  assert.deepStrictEqual([...shown, "global"].sort(), known.sort());
});

test("the image is named by tag or digest", () => {
  const image = (...values) => podOf(rendered(...values.flatMap(set))).containers[0].image;
  assert.match(image(), /^capmon:\d+\.\d+\.\d+$/);
  assert.strictEqual(image('image.repository="r.example/x/capmon"', 'image.tag="7"'), "r.example/x/capmon:7");
  assert.strictEqual(image('image.tag="7"', `image.digest="${DIGEST}"`), `capmon@${DIGEST}`);
});

test("values of the pod end in the pod", () => {
  const affinity = { podAffinity: {} };
  const pod = podOf(rendered(
    ...set('imagePullSecrets=[{"name": "pull"}]'), ...set('image.pullPolicy="Always"'), ...set('cluster="prod: \\"eu\\""'),
    ...set('extraArgs=["--log-level=debug", "--baseline-after=0"]'), ...set(`affinity=${JSON.stringify(affinity)}`),
    ...set('tolerations=[{"key": "gpu"}]'), ...set('nodeSelector={"kubernetes.io/arch": "arm64"}'),
    ...set('resources.limits.memory="1Gi"'), ...set('containerdState="/x: y"')));
  assert.deepStrictEqual(pod.imagePullSecrets, [{ name: "pull" }]);
  assert.strictEqual(pod.containers[0].imagePullPolicy, "Always");
  assert.deepStrictEqual(pod.containers[0].args.slice(-3),
                         ['--cluster=prod: "eu"', "--log-level=debug", "--baseline-after=0"]);
  assert.deepStrictEqual([pod.affinity, pod.tolerations], [affinity, [{ key: "gpu" }]]);
  assert.strictEqual(pod.nodeSelector["kubernetes.io/arch"], "arm64");
  assert.strictEqual(pod.containers[0].resources.limits.memory, "1Gi");
  assert.ok(pod.volumes.some(({ hostPath }) => hostPath.path === "/x: y/io.containerd.runtime.v2.task"));
});

test("labels, annotations and variables are added to those of the chart, each once", () => {
  const proxy = { name: "HTTPS_PROXY", value: "http://proxy.example:3128" };
  const { metadata, spec } = only(rendered(
    ...set("metrics.enabled=true"), ...set('distribution="openshift"'), ...set('config={"cluster": "prod"}'),
    ...set('podLabels={"team": "x"}'), ...set(`extraEnv=[${JSON.stringify(proxy)}]`),
    ...set('podAnnotations={"checksum/config": "mine", "openshift.io/required-scc": "privileged", "a": "true"}')),
                                  "DaemonSet").spec.template;
  assert.deepStrictEqual(metadata.labels, { "app.kubernetes.io/name": "capmon", team: "x" });
  assert.match(metadata.annotations["checksum/config"], /^[0-9a-f]{64}$/);
  assert.deepStrictEqual([metadata.annotations["openshift.io/required-scc"], metadata.annotations.a], ["capmond", "true"]);
  const names = spec.containers[0].env.map(({ name }) => name);
  assert.deepStrictEqual(names, ["NODE_NAME", "CAPMON_ADDRESS", "POD_IP", "HTTPS_PROXY"]);
});

test("an image of several architectures is not bound to one", () => {
  const pod = podOf(rendered(...set('nodeSelector={"kubernetes.io/arch": null}')));
  assert.deepStrictEqual(pod.nodeSelector, { "kubernetes.io/os": "linux" });
});

// Helm itself takes no longer names of releases.
test("the name of the release and its namespace may be anything", () => {
  const objects = chart.as("r".repeat(53), "security-tools", "--set", "distribution=openshift");
  for (const { kind, metadata } of objects) {
    assert.ok(metadata.name.length < 63 && !metadata.name.includes("r".repeat(9)), kind);
    const namespaced = !["PriorityClass", "SecurityContextConstraints"].includes(kind);
    assert.strictEqual(metadata.namespace, namespaced ? "security-tools" : undefined, kind);
  }
  assert.deepStrictEqual(only(objects, "SecurityContextConstraints").users,
                         ["system:serviceaccount:security-tools:capmond"]);
});

test("metrics are served on the port, for those who may", () => {
  const from = [{ namespaceSelector: { matchLabels: { name: "monitoring" } } }];
  const objects = rendered(...set("metrics.enabled=true"), ...set("metrics.port=9999"),
                           ...set(`metrics.from=${JSON.stringify(from)}`));
  const policy = objects.find(({ metadata }) => metadata.name === "capmond-metrics");
  assert.deepStrictEqual(policy.spec.ingress, [{ ports: [{ port: 9999, protocol: "TCP" }], from }]);
  const [{ args, ports }] = podOf(objects).containers;
  assert.ok(args.includes("--metrics=[$(POD_IP)]:9999"));
  assert.strictEqual(ports[0].containerPort, 9999);
  const open = rendered(...set("metrics.enabled=true"), ...set("networkPolicy.enabled=false"));
  assert.ok(!open.some(({ kind }) => kind === "NetworkPolicy"));
});

test("an existing priority class is used, and not made", () => {
  const objects = rendered(...set("priorityClass.create=false"), ...set('priorityClass.name="system-node-critical"'));
  assert.ok(!objects.some(({ kind }) => kind === "PriorityClass"));
  assert.strictEqual(podOf(objects).priorityClassName, "system-node-critical");
});

test("sinks: the same settings, mounts and openings as in the component", () => {
  const component = variants.find(({ name }) => name === "sinks").objects;
  const policy = component.find(({ metadata }) => metadata.name === "capmond-sinks");
  const config = yaml.load(source("kubernetes/components/sinks/capmond.yaml"));
  const values = join(WORK, "rendered/values.yaml");
  const withConfig = (config) => {
    writeFileSync(values, yaml.dump({ config, existingSecret: "capmond", networkPolicy: { egress: policy.spec.egress } }));
    return rendered("--values", values);
  };
  const objects = withConfig(config);
  const own = only(objects, "ConfigMap");
  assert.deepStrictEqual(yaml.load(own.data["capmond.yaml"]), config);
  assert.deepStrictEqual(yaml.load(only(component, "ConfigMap").data["capmond.yaml"]), config);
  const parts = ({ containers, volumes }) => [
    containers[0].volumeMounts.filter(({ mountPath }) => mountPath.startsWith("/etc/")),
    volumes.filter(({ secret }) => secret)];
  assert.deepStrictEqual(parts(podOf(objects)), parts(podOf(component)));
  assert.strictEqual(podOf(objects).volumes.find(({ configMap }) => configMap).configMap.name, own.metadata.name);
  assert.deepStrictEqual(only(objects, "NetworkPolicy").spec.egress, policy.spec.egress);
  const checksum = (objects) => only(objects, "DaemonSet").spec.template.metadata.annotations["checksum/config"];
  assert.notStrictEqual(checksum(objects), checksum(withConfig({ ...config, cluster: "other" })));
});
