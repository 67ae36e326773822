// SPDX-License-Identifier: Apache-2.0
// Facts about this machine, as far as every user may read them.
#pragma once

#include <string>
#include <vector>

namespace capmon {

struct HostFacts {
  struct Runtime {
    std::string name;    // "docker", "containerd", ...
    std::string socket;  // path of the socket
  };

  std::string kernel;         // uname's release
  bool has_types = false;     // BTF: /sys/kernel/btf/vmlinux
  std::string cgroup_layout;  // "v2", "hybrid", "v1"; empty: none mounted
  bool has_bpffs = false;     // a BPF file system on /sys/fs/bpf
  bool locked_down = false;   // kernel lockdown "confidentiality": BPF may read nothing
  std::vector<Runtime> runtimes;
};

// `root` is prepended to every path, for tests.
HostFacts GatherHostFacts(const std::string& root = "");

}  // namespace capmon
