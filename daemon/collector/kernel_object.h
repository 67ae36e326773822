// SPDX-License-Identifier: Apache-2.0
// The BPF object for the running kernel. The objects differ only in the functions of the kernel
// that their programs call: libbpf may load nothing where one of them is missing (bpf/task.bpf.h).
#pragma once

#include <cstddef>

#include "bpf/capmon_events.h"  // whose types the skeletons use

struct capmon_bpf;

namespace capmon {

struct KernelObject {
  const void* data = nullptr;
  size_t size = 0;
  bool awaits_ends = false;  // its programs can see the ends of system calls without sys_exit

  // The kernel does not change, so it is chosen once.
  static const KernelObject& Chosen();
  // Null on an error, in errno. To be freed by capmon_bpf__destroy().
  capmon_bpf* Open() const;
};

}  // namespace capmon
