// SPDX-License-Identifier: Apache-2.0
#include "daemon/base/memory.h"

#include <malloc.h>
#include <sys/mman.h>

#include <cstdint>
#include <cstdio>
#include <fstream>
#include <string>

namespace capmon {
namespace {

// "7f1c-7f2d r-xp 00001000 08:01 1234 /usr/lib/libc.so.6": nothing is ever written there.
void ForgetCode(const std::string& mapping) {
  uintptr_t begin = 0, end = 0;
  char rights[5] = {};
  if (std::sscanf(mapping.c_str(), "%lx-%lx %4s", &begin, &end, rights) != 3) return;
  if (std::string(rights) != "r-xp" || mapping.find('/') == mapping.npos) return;
  ::madvise(reinterpret_cast<void*>(begin), end - begin, MADV_DONTNEED);
}

}  // namespace

// Not M_TRIM_THRESHOLD: with it large blocks are mapped anew each time, and capmond comes too late
// to read the files of short-lived containers.
void ShareHeap() { mallopt(M_ARENA_MAX, 1); }

void ReturnMemory() {
  malloc_trim(0);
  std::ifstream mappings("/proc/self/maps");
  for (std::string line; std::getline(mappings, line);) ForgetCode(line);
}

}  // namespace capmon
