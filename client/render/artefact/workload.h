// SPDX-License-Identifier: Apache-2.0
// Which object of Kubernetes a container belongs to, as far as its names tell.
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
  std::string unpatchable;           // why what is there cannot be changed in place; or ""
  std::vector<std::string> notes;    // what is guessed or was changed
  Json AroundContainer(Json) const;  // the object with this and nothing else about the container
};

Workload WorkloadOf(const v1::Container& container);

// Labels that its pods have, and those of other workloads do not; from what was seen, else a
// guess, which a note says. Never empty.
Json PodLabels(const v1::Container& container, const Workload& workload,
               std::vector<std::string>& notes);

}  // namespace capmon
