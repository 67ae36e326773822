// SPDX-License-Identifier: Apache-2.0
// A recording of many containers, each with a use of its own.
#pragma once

#include <string>

namespace capmon {

inline std::string ManyContainers(int count) {
  std::string text = "capmon-recording 1\nsource t=1 backend=tp_btf kernel=6.18.0 layout=v2\n";
  for (int i = 0; i < count; ++i) {
    std::string id = std::to_string(i);
    id.insert(0, 64 - id.size(), 'a');
    const std::string number = std::to_string(1000 + i);
    text += "cgroup t=2 id=" + number + " path=/docker/" + id + "\n";
    text += "check t=3 cgroup=" + number + " cap=CAP_NET_RAW granted=1 site=inet_create " +
            "syscall=socket traits=8 origin=own exe=" + number + " count=2 ok=2\n";
  }
  return text + "clock t=5000000000\n";
}

}  // namespace capmon
