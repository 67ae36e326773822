// SPDX-License-Identifier: Apache-2.0
// The BPF programs and links of a process, and whether the kernel still has them; and features of
// this kernel.
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
// Returns those that the kernel still has.
BpfObjects StillThere(const BpfObjects& objects);

// Returns whether BPF programs can store a check until its system call ends.
bool KernelTellsResults();
// Whether it reports the results behind checks without a program on every system call.
bool KernelAwaitsEnds();
// Returns whether a kprobe can be pinned: it has a link since 5.15, like this helper.
bool KernelPinsKprobes();

}  // namespace capmon
