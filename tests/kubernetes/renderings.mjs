// SPDX-License-Identifier: Apache-2.0
// What deploy/ renders: node TEST KUBECTL HELM DEPLOY WORK.
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import yaml from "js-yaml";

const [kubectl, helm, deploy, work] = process.argv.slice(2);
export const WORK = work;
export const DEPLOY = deploy;
const KUBERNETES = join(deploy, "kubernetes");

const documents = (text) => yaml.loadAll(text).filter((document) => document);

function kustomize(directory) {
  return execFileSync(kubectl, ["kustomize", directory], { encoding: "utf8" });
}

// The default with one component, as users write it.
function withComponent(name) {
  const directory = join(work, "rendered", `with-${name}`);
  mkdirSync(directory, { recursive: true });
  const to = (path) => relative(directory, join(KUBERNETES, path));
  writeFileSync(join(directory, "kustomization.yaml"),
                `resources: ["${to("")}"]\ncomponents: ["${to(`components/${name}`)}"]\n`);
  return kustomize(directory);
}

function release(name, namespace, ...options) {
  const { status, stdout, stderr } = spawnSync(
    helm, ["template", name, join(deploy, "helm/capmon"), "--namespace", namespace, ...options], { encoding: "utf8" });
  return { taken: status === 0, said: stderr, objects: status === 0 ? documents(stdout) : [] };
}

export const chart = (...options) => release("capmon", "capmon", ...options);
chart.as = (...options) => {
  const { taken, said, objects } = release(...options);
  if (!taken) throw new Error(said);
  return objects;
};

// Each overlay and component with the values of the chart that render the same; null: it has none.
const VARIANTS = [
  ["default", "", []],
  ["k3s", "overlays/k3s", ["--set", "distribution=k3s"]],
  ["k0s", "overlays/k0s", ["--set", "distribution=k0s"]],
  ["microk8s", "overlays/microk8s", ["--set", "distribution=microk8s"]],
  ["openshift", "overlays/openshift", ["--set", "distribution=openshift"]],
  ["uninstall", "overlays/uninstall", null],
  ["before-1.30", null, ["--kube-version", "1.29.0"]],
  ["selinux", null, ["--set", "selinuxType=spc_t"]],
  ["without-pins", null, ["--set", "pins=false"]],
  ["metrics", null, ["--set", "metrics.enabled=true"]],
  ["sinks", null, null],
];

export const variants = VARIANTS.map(([name, directory, values]) => {
  const text = directory === null ? withComponent(name) : kustomize(join(KUBERNETES, directory));
  writeFileSync(join(work, "rendered", `${name}.yaml`), text);
  return { name, objects: documents(text), chart: values && chart(...values) };
});

export const only = (objects, kind) => {
  const found = objects.filter((object) => object.kind === kind);
  if (found.length !== 1) throw new Error(`${found.length} of kind ${kind}`);
  return found[0];
};

// All renderings, those of the chart too: [where, objects].
export const everything = variants.flatMap(({ name, objects, chart }) =>
  [[name, objects], ...(chart ? [[`${name}, chart`, chart.objects]] : [])]);

export const source = (path) => readFileSync(join(deploy, path), "utf8");
