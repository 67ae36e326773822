// SPDX-License-Identifier: Apache-2.0
#include "daemon/collector/kernel_object.h"

#include <bpf/libbpf.h>
#include <capmon_6_18_bpf.skel.h>
#include <capmon_6_2_bpf.skel.h>
#include <capmon_7_0_bpf.skel.h>
#include <capmon_bpf.skel.h>

#include <cerrno>
#include <cstdlib>

#include "daemon/collector/kernel_types.h"

namespace capmon {
namespace {

KernelObject ObjectFor(const btf* kernel) {
  KernelObject object;
  object.awaits_ends = true;
  if (KernelHas(kernel, "bpf_task_work_schedule_resume", BTF_KIND_FUNC)) {
    object.data = capmon_7_0_bpf__elf_bytes(&object.size);
    return object;
  }
  if (KernelHas(kernel, "bpf_task_work_schedule_resume_impl", BTF_KIND_FUNC)) {
    object.data = capmon_6_18_bpf__elf_bytes(&object.size);
    return object;
  }
  object.awaits_ends = false;
  object.data = KernelHas(kernel, "bpf_rdonly_cast", BTF_KIND_FUNC)
                    ? capmon_6_2_bpf__elf_bytes(&object.size)
                    : capmon_bpf__elf_bytes(&object.size);
  return object;
}

}  // namespace

const KernelObject& KernelObject::Chosen() {
  static const KernelObject object = ObjectFor(KernelTypes().get());
  return object;
}

// By the skeleton of the oldest, for all have the same maps, programs and variables.
capmon_bpf* KernelObject::Open() const {
  static_assert(sizeof(*capmon_bpf::bss) == sizeof(*capmon_7_0_bpf::bss));
  static_assert(sizeof(*capmon_bpf::rodata) == sizeof(*capmon_7_0_bpf::rodata));
  static_assert(sizeof(*capmon_bpf::bss) == sizeof(*capmon_6_18_bpf::bss));
  static_assert(sizeof(*capmon_bpf::rodata) == sizeof(*capmon_6_18_bpf::rodata));
  static_assert(sizeof(*capmon_bpf::bss) == sizeof(*capmon_6_2_bpf::bss));
  static_assert(sizeof(*capmon_bpf::rodata) == sizeof(*capmon_6_2_bpf::rodata));
  auto* const skeleton = static_cast<capmon_bpf*>(std::calloc(1, sizeof(capmon_bpf)));
  if (skeleton == nullptr) return nullptr;
  if (capmon_bpf__create_skeleton(skeleton) == 0) {
    skeleton->skeleton->data = const_cast<void*>(data);
    skeleton->skeleton->data_sz = size;
    if (bpf_object__open_skeleton(skeleton->skeleton, nullptr) == 0) return skeleton;
  }
  const int error = errno;
  capmon_bpf__destroy(skeleton);
  errno = error;
  return nullptr;
}

}  // namespace capmon
