// SPDX-License-Identifier: Apache-2.0
// node pods.test.mjs KUBECTL HELM DEPLOY WORK: every rendered pod has the privileges that docs/kubernetes.md
// states and no others; and follows rules of the API server that no schema has.
import assert from "node:assert";
import test from "node:test";
import { everything, only, variants } from "./renderings.mjs";

const CAPABILITIES = ["BPF", "DAC_READ_SEARCH", "PERFMON"];
const pods = everything.map(([where, objects]) => {
  const { template, selector } = only(objects, "DaemonSet").spec;
  const { containers, initContainers = [] } = template.spec;
  return { where, template, selector, objects, pod: template.spec, all: [...containers, ...initContainers] };
});
const each = (check) => pods.forEach((one) => check(one, one.where));
const of = (name) => only(variants.find((variant) => variant.name === name).objects, "DaemonSet").spec;

test("the pod holds three capabilities and shares nothing with the host", () => each(({ pod, all }, where) => {
  for (const { securityContext } of all) {
    assert.deepStrictEqual(securityContext.capabilities.drop, ["ALL"], where);
    assert.deepStrictEqual(securityContext.capabilities.add.slice().sort(), CAPABILITIES, where);
    assert.strictEqual(securityContext.privileged, undefined, where);
    assert.strictEqual(securityContext.allowPrivilegeEscalation, false, where);
    assert.strictEqual(securityContext.readOnlyRootFilesystem, true, where);
    assert.strictEqual(securityContext.seccompProfile.type, "RuntimeDefault", where);
    assert.strictEqual(securityContext.appArmorProfile, undefined, where);
  }
  for (const shared of ["hostPID", "hostNetwork", "hostIPC"]) assert.strictEqual(pod[shared], undefined, where);
  assert.strictEqual(pod.automountServiceAccountToken, false, where);
}));

test("the pod writes on the host only where its socket, its state and its pins are", () => each(({ pod, all }, where) => {
  const host = new Map(pod.volumes.filter(({ hostPath }) => hostPath).map(({ name, hostPath }) => [name, hostPath.path]));
  for (const { volumeMounts } of all) {
    const written = volumeMounts.filter(({ name, readOnly }) => host.has(name) && !readOnly).map(({ name }) => host.get(name));
    const pins = where.startsWith("without-pins") ? [] : ["/sys/fs/bpf/capmon"];
    assert.deepStrictEqual(written.sort(), [...pins, "/run/capmon", "/var/lib/capmon"].sort(), where);
    assert.deepStrictEqual([...new Set(volumeMounts.map(({ name }) => name))].sort(),
                           pod.volumes.map(({ name }) => name).sort(), where);
    // In the pod's sysfs nobody can make a directory to mount on.
    for (const { mountPath } of volumeMounts) assert.ok(!mountPath.startsWith("/sys/"), where);
  }
}));

// A private mount keeps disks of removed containers; the API server rejects recursiveReadOnly with propagation.
test("directories with mounts of containers get the host's unmounts", () => each(({ all }, where) => {
  for (const { volumeMounts } of all) {
    const propagated = volumeMounts.filter(({ mountPropagation }) => mountPropagation);
    assert.deepStrictEqual(propagated.map(({ name }) => name).sort(), ["containerd-bundles", "crio-bundles"], where);
    for (const mount of propagated) {
      assert.strictEqual(mount.mountPropagation, "HostToContainer", where);
      assert.strictEqual(mount.recursiveReadOnly, undefined, where);
    }
    const old = where.startsWith("before-1.30");
    for (const mount of volumeMounts.filter(({ name }) => ["cgroup", "proc"].includes(name))) {
      assert.strictEqual(mount.readOnly, true, where);
      assert.strictEqual(mount.recursiveReadOnly, old ? undefined : "IfPossible", where);
    }
  }
}));

test("probes wait longer than capmon does, and only a capmond that hangs is started again", () => each(({ pod }, where) => {
  if (where === "uninstall") return;
  const { startupProbe, readinessProbe, livenessProbe } = pod.containers[0];
  const PATIENCE = 10;  // of capmon
  for (const probe of [startupProbe, readinessProbe, livenessProbe]) assert.ok(probe.timeoutSeconds > PATIENCE, where);
  assert.deepStrictEqual(readinessProbe.exec.command.slice(1), ["status"], where);
  for (const probe of [startupProbe, livenessProbe])
    assert.deepStrictEqual(probe.exec.command.slice(1), ["status", "--alive"], where);
  assert.ok(startupProbe.periodSeconds * startupProbe.failureThreshold >= 300, where);
}));

test("the pod runs on every node, with a priority of our own", () => each(({ pod, objects, template, selector }, where) => {
  assert.deepStrictEqual(pod.tolerations, [{ operator: "Exists" }], where);
  assert.deepStrictEqual(Object.keys(pod.nodeSelector).sort(), ["kubernetes.io/arch", "kubernetes.io/os"], where);
  const { metadata, value } = only(objects, "PriorityClass");
  assert.strictEqual(pod.priorityClassName, metadata.name, where);
  assert.ok(value <= 1_000_000_000, where);  // more is reserved
  assert.deepStrictEqual(template.metadata.labels, selector.matchLabels, where);
  assert.strictEqual(pod.serviceAccountName, only(objects, "ServiceAccount").metadata.name, where);
}));

test("requests and a limit of memory, no limit of the processor", () => each(({ all }, where) => {
  for (const { resources } of all) {
    assert.deepStrictEqual(Object.keys(resources.requests).sort(), ["cpu", "memory"], where);
    assert.deepStrictEqual(Object.keys(resources.limits), ["memory"], where);
  }
}));

test("alerts go to standard output and name the node", () => each(({ all }, where) => {
  const { args, env } = all.at(-1);
  for (const flag of ["--alerts=-", "--node=$(NODE_NAME)", "--cri-socket=none", "--docker-socket=none"])
    assert.ok(args.includes(flag), where);
  assert.deepStrictEqual(env.find(({ name }) => name === "NODE_NAME").valueFrom,
                         { fieldRef: { fieldPath: "spec.nodeName" } }, where);
}));

test("metrics are off, and else on the pod's own address alone", () => each(({ all, objects }, where) => {
  const { args, env, ports } = all.at(-1);
  const flags = args.filter((flag) => flag.startsWith("--metrics"));
  if (!where.startsWith("metrics")) return assert.deepStrictEqual([flags, ports], [[], undefined], where);
  assert.deepStrictEqual(flags, ["--metrics=[$(POD_IP)]:9464"], where);
  assert.deepStrictEqual(ports, [{ name: "metrics", containerPort: 9464, protocol: "TCP" }], where);
  assert.deepStrictEqual(env.find(({ name }) => name === "POD_IP").valueFrom,
                         { fieldRef: { fieldPath: "status.podIP" } }, where);
  const { spec } = objects.find(({ metadata }) => metadata.name === "capmond-metrics");
  assert.deepStrictEqual([spec.policyTypes, spec.ingress],
                         [["Ingress"], [{ ports: [{ port: 9464, protocol: "TCP" }] }]], where);
}));

test("no traffic in or out, but for what sinks and metrics open", () => each(({ objects, template }, where) => {
  const policies = objects.filter(({ kind }) => kind === "NetworkPolicy");
  const { spec } = policies.find(({ metadata }) => metadata.name === "capmond");
  assert.deepStrictEqual(spec, { podSelector: { matchLabels: template.metadata.labels },
                                 policyTypes: ["Ingress", "Egress"] }, where);
  assert.strictEqual(policies.length, where === "sinks" || where.startsWith("metrics") ? 2 : 1, where);
}));

test("the namespace admits the pod", () => each(({ objects }, where) => {
  if (where.endsWith("chart")) return;
  const { metadata } = only(objects, "Namespace");
  assert.strictEqual(metadata.labels["pod-security.kubernetes.io/enforce"], "privileged", where);
}));

test("the state of containerd is where the distribution has it", () => {
  const state = { default: "/run/containerd", k3s: "/run/k3s/containerd", k0s: "/run/k0s/containerd",
                  microk8s: "/var/snap/microk8s/common/run/containerd" };
  for (const [name, path] of Object.entries(state)) {
    const { volumes } = of(name).template.spec;
    assert.strictEqual(volumes.find((volume) => volume.name === "containerd-bundles").hostPath.path,
                       `${path}/io.containerd.runtime.v2.task`, name);
  }
});

test("OpenShift's constraint admits this pod and nothing more", () => {
  const variant = variants.find(({ name }) => name === "openshift");
  const { template } = of("openshift");
  for (const objects of [variant.objects, variant.chart.objects]) {
    const scc = only(objects, "SecurityContextConstraints");
    assert.deepStrictEqual(scc.allowedCapabilities.slice().sort(), CAPABILITIES);
    const allowed = Object.entries(scc).filter(([key, value]) => /^allow[A-Z]/.test(key) && value === true);
    assert.deepStrictEqual(allowed.map(([key]) => key), ["allowHostDirVolumePlugin"]);
    assert.deepStrictEqual([scc.readOnlyRootFilesystem, scc.seccompProfiles], [true, ["runtime/default"]]);
    for (const volume of template.spec.volumes)
      assert.ok(scc.volumes.includes(Object.keys(volume).find((key) => key !== "name")));
    assert.deepStrictEqual(scc.users, ["system:serviceaccount:capmon:capmond"]);
    assert.deepStrictEqual(scc.groups, []);
    assert.strictEqual(template.metadata.annotations["openshift.io/required-scc"], scc.metadata.name);
  }
  assert.deepStrictEqual(template.spec.containers[0].securityContext.seLinuxOptions, { type: "spc_t" });
});

test("uninstalling has capmond's privileges and mounts, and runs before a pod that does nothing", () => {
  const [{ containers, initContainers }, usual] = [of("uninstall").template.spec, of("default").template.spec.containers[0]];
  const { args, name, ...rest } = initContainers[0];
  const { args: usualArgs, name: usualName, startupProbe, readinessProbe, livenessProbe, ...usualRest } = usual;
  assert.deepStrictEqual(rest, usualRest);
  assert.deepStrictEqual(args, [...usualArgs, "--uninstall"]);
  assert.deepStrictEqual([containers[0].command, containers[0].args], [["/bin/sleep", "infinity"], undefined]);
});
