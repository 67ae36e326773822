// SPDX-License-Identifier: Apache-2.0
// The Kubernetes object that a container belongs to, as far as its names show.
#pragma once

#include <string>
#include <vector>

#include "client/render/artefact/subject.h"

namespace capmon {

struct Workload {
  std::string api_version, kind;
  std::string name, name_space;      // of Kubernetes' form; "" where the namespace is not known
  std::string container;             // likewise
  bool seen = false;                 // in Kubernetes; else the names are those of something else
  bool of_node = false;              // a static pod
  std::string list = "containers";   // of the pod's spec
  std::string unpatchable;           // why what is there cannot be changed in place; or ""
  std::vector<std::string> notes;    // what is guessed or was changed
  Json AroundContainer(Json) const;  // the object with this and nothing else about the container
};

Workload WorkloadOf(const v1::Container& container);

inline constexpr char kInitContainers[] = "initContainers";
inline constexpr char kEphemeralContainers[] = "ephemeralContainers";

// What its pods have, and those of other workloads do not.
struct PodSelector {
  Json labels = Json::object();  // from what was seen, else a guess, which a note says
  // Its pods belong to Jobs with this prefix, and have no other label; then `labels` is empty.
  std::string job_prefix;
};
PodSelector SelectorOf(const v1::Container& container, const Workload& workload,
                       std::vector<std::string>& notes);
// Every version of Kubernetes gives this to the pods of a Job.
inline constexpr char kJobLabel[] = "job-name";

}  // namespace capmon
