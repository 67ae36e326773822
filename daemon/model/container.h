// SPDX-License-Identifier: Apache-2.0
// The subject of a profile: a container, a systemd unit, a `capmon run` session, or the host's
// remaining processes.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "daemon/model/kernel_event.h"

namespace capmon {

enum class ContainerKind { kContainer, kUnit, kSession, kHost, kUnknown };

const char* Name(ContainerKind kind);  // "container" ... "unknown"

// What the cgroup path alone shows.
struct CgroupIdentity {
  ContainerKind kind = ContainerKind::kUnknown;
  std::string id;  // container id, unit name, session name; empty for the host
  // "docker", "containerd", "cri-o", "podman", "runc", "crun", "lxc", "nspawn", "buildkit",
  // "systemd", "capmon", ""
  std::string runtime;
  std::string pod_uid;      // with dashes; empty outside Kubernetes
  std::string inner;        // path below the container's own cgroup, "" for the cgroup itself
  std::string cgroup_path;  // the container's own cgroup, without `inner`

  friend bool operator==(const CgroupIdentity&, const CgroupIdentity&) = default;
};

struct Container {
  // Unique in one daemon, from the identity of its cgroup: a reused name is another container.
  std::string key;
  ContainerKind kind = ContainerKind::kUnknown;
  std::string id;
  std::string name;
  std::string runtime;
  std::string image;
  std::string image_digest;  // "sha256:...": which version of the image; "" not known
  std::string entrypoint;    // the program it is started with, by its runtime's word
  std::string command;       // a digest of that with all arguments; "" not known
  std::string engine;        // the socket of its engine; "": the first of capmond's, or not known
  std::string pod;
  std::string pod_namespace;
  std::string pod_uid;
  std::string workload;
  bool workload_inferred = false;  // from the pod's name alone, or from labels of the image
  std::string workload_label;      // capmon.workload, where it is not the image's alone
  std::string description;         // the unit's Description=
  std::string cgroup_path;
  CgroupId cgroup = 0;  // the container's own cgroup
  std::map<std::string, std::string> labels;
  bool privileged = false;
  TimeNs first_seen = 0;
  TimeNs removed = 0;                // 0: not removed
  bool from_start = false;           // its creation was seen, so nothing earlier was missed
  bool ran_before = false;           // an earlier run, by its engine, was not seen
  std::string name_source;           // which layer named it: "cgroup", "oci", "docker", "cri"
  std::optional<HeldSets> granted;   // as its runtime reports, if known
  std::string root;                  // its root file system on the host, likewise
  std::optional<CallFilter> filter;  // likewise

  friend bool operator==(const Container&, const Container&) = default;
};

}  // namespace capmon
