// SPDX-License-Identifier: Apache-2.0
// One source of container metadata, or one place that evidence is persisted in, and its state.
#pragma once

#include <string>

namespace capmon {

struct Layer {
  // "cgroup", "oci", "docker", "cri", "systemd"; of several sockets of Docker each has its own,
  // "docker /run/docker.sock"; of keeps: "store", "pins"
  std::string name;
  std::string state;   // "ok", "absent", "failing"
  std::string detail;  // one sentence, or nothing
};

}  // namespace capmon
