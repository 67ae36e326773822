// SPDX-License-Identifier: Apache-2.0
// The Kubernetes object of a container, as far as its names show it.
#pragma once

#include <string>
#include <vector>

#include "client/render/artefact/artefact_input.h"

namespace capmon {

struct PodOwner {
  std::string api_version, kind;
  std::string name, name_space;  // of Kubernetes' form; "" where the namespace is not known
  std::string container;         // likewise
  // Seen in Kubernetes; otherwise the names come from another place.
  bool seen = false;
  bool of_node = false;             // a static pod
  std::string list = "containers";  // of the pod's spec
  std::string unpatchable;          // why what is there cannot be changed in place; or ""
  std::vector<std::string> notes;   // what is a guess or was changed
  // Returns the object with this, and nothing else, about the container.
  Json AroundContainer(Json) const;
};

PodOwner PodOwnerOf(const v1::Container& container);

inline constexpr char kInitContainers[] = "initContainers";
inline constexpr char kEphemeralContainers[] = "ephemeralContainers";

// Labels that the workload's pods have and other pods do not.
struct PodSelector {
  Json labels = Json::object();  // from labels that were seen, else a guess, with a note
  // The pods belong to Jobs with this prefix and have no other label; `labels` is then empty.
  std::string job_prefix;
};
PodSelector SelectorOf(const v1::Container& container, const PodOwner& workload,
                       std::vector<std::string>& notes);
// Every version of Kubernetes adds this label to the pods of a Job.
inline constexpr char kJobLabel[] = "job-name";

}  // namespace capmon
