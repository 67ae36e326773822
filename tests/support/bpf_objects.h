// SPDX-License-Identifier: Apache-2.0
// Which BPF programs and links a process holds, and whether the kernel still has them.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <set>

namespace capmon {

struct BpfObjects {
  std::set<uint32_t> programs;
  std::set<uint32_t> links;
};

BpfObjects BpfObjectsOf(pid_t pid);
// Those the kernel still knows.
BpfObjects StillThere(const BpfObjects& objects);

}  // namespace capmon
