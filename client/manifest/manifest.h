// SPDX-License-Identifier: Apache-2.0
// Containers as manifests describe them: what is set, and where it is written. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "client/manifest/finding.h"
#include "common/yaml/yaml_reader.h"

namespace capmon {

// A value and its place. Without a value, the place of what is closest to where it would stand.
template <typename Value>
struct Setting {
  std::optional<Value> value;
  TextPlace place;
};

struct Word {
  std::string text;
  TextPlace place;
};

// Why a level of Pod Security is not met.
struct PodSecurityObstacle {
  bool baseline = false;  // false: only "restricted" refuses it
  std::string what;
};

struct ManifestContainer {
  enum class Origin { kKubernetes, kCompose };

  Origin origin = Origin::kKubernetes;
  TextPlace place;             // of its name
  std::string name;            // of the container, or of the service
  std::string controller;      // "deploy", as in the names of workloads; of Kubernetes
  std::string owner;           // name of the Deployment or the like, or the Compose project
  std::string name_space;      // "" where the manifest does not name it
  std::string label;           // capmon.workload, which names the workload instead
  std::string list;            // "containers", "initContainers", "ephemeralContainers"
  bool project_named = false;  // the Compose file has a name of its own
  std::string image;
  std::vector<Word> add, drop;
  Setting<bool> adds, drops;  // their places; a value where there is such a list
  Setting<bool> privileged;
  Setting<bool> escalation;  // allowPrivilegeEscalation; of Compose: no-new-privileges, negated
  Setting<bool> non_root;    // runAsNonRoot
  Setting<int64_t> user;     // runAsUser, user
  std::vector<PodSecurityObstacle> obstacles;  // of Kubernetes
  ManifestFindings findings;
};

// "deploy/web, container nginx", "service web"
std::string LabelOf(const ManifestContainer& container);

// False: a part of its settings was not read, and a finding says so.
bool IsKnown(const ManifestContainer& container);

struct Manifest {
  std::vector<ManifestContainer> containers;
  ManifestFindings findings;  // about no container in particular
};

// `project` names a Compose file that does not name its project. Documents that run no containers
// are passed over.
Manifest ReadManifest(const std::string& text, const std::string& project);

// One document each; false where it is none of that kind.
bool ReadKubernetes(const YamlValue& document, Manifest& manifest);
bool ReadCompose(const YamlValue& document, const std::string& project, Manifest& manifest);

}  // namespace capmon
