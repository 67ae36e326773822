// SPDX-License-Identifier: Apache-2.0
// Which BPF programs and links a process holds, and whether the kernel still has them; and what
// this kernel can do for BPF programs.
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

// Whether BPF programs can remember a check until its system call has ended.
bool KernelTellsResults();
// Whether a kprobe can be pinned: it has a link of its own since 5.15, like this helper.
bool KernelPinsKprobes();

}  // namespace capmon
