// SPDX-License-Identifier: Apache-2.0
// One source of container metadata, or one place that evidence is persisted in, and its state.
#pragma once

#include <string>

namespace capmon {

struct Layer {
  std::string name;    // "cgroup", "oci", "docker", "cri", "systemd"; of keeps: "store", "pins"
  std::string state;   // "ok", "absent", "failing"
  std::string detail;  // one sentence, or nothing
};

}  // namespace capmon
