// SPDX-License-Identifier: Apache-2.0
// How large the kernel's maps are by default: they grow with the machine. Pure, but for the two
// questions about the machine.
#pragma once

#include <cstdint>

#include "daemon/collector/kernel_programs.h"

namespace capmon {

// A counter takes `BytesPerCheck(cpus)` of kernel memory. By default there is room for 65,536 of
// them (1,000 containers with 61 kinds of checks), and more from 16 GiB of memory on; but never
// does the map take more than a 64th of the memory, or half of what capmond's cgroups allow it,
// unless that is too little to begin with. The kernel allocates it when capmond starts: a larger
// one would end capmond.
KernelPrograms::Sizes SizesFor(uint64_t memory_bytes, uint64_t limit_bytes, uint32_t cpus);
uint64_t BytesPerCheck(uint32_t cpus);

uint64_t MachineMemory();
uint32_t MachineCpus();  // possible ones: each has its part of every counter

}  // namespace capmon
