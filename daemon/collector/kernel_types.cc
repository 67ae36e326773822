// SPDX-License-Identifier: Apache-2.0
#include "daemon/collector/kernel_types.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

namespace capmon {

std::unique_ptr<btf, decltype(&btf__free)> KernelTypes() {
  return {btf__load_vmlinux_btf(), &btf__free};
}

bool KernelHas(const btf* types, const char* name, uint32_t kind) {
  return types != nullptr && btf__find_by_name_kind(types, name, kind) > 0;
}

int ParametersOf(const btf* types, const char* name) {
  const int function = types == nullptr ? -1 : btf__find_by_name_kind(types, name, BTF_KIND_FUNC);
  if (function <= 0) return -1;
  const btf_type* const prototype =
      btf__type_by_id(types, btf__type_by_id(types, static_cast<uint32_t>(function))->type);
  return prototype == nullptr ? -1 : btf_vlen(prototype);
}

uint32_t OldRegistersOffset(const btf* types) {
  constexpr long kStack = 16384;
  const int type =
      types == nullptr ? -1 : btf__find_by_name_kind(types, "pt_regs", BTF_KIND_STRUCT);
  const int64_t size = type <= 0 ? -1 : btf__resolve_size(types, static_cast<uint32_t>(type));
  return static_cast<uint32_t>(std::max(kStack, sysconf(_SC_PAGESIZE)) - size);
}

absl::StatusOr<int> ControllerIndex(const btf* types, const std::string& controller) {
  const std::string wanted = controller + "_cgrp_id";
  const int type = btf__find_by_name_kind(types, "cgroup_subsys_id", BTF_KIND_ENUM);
  const btf_type* ids = type > 0 ? btf__type_by_id(types, static_cast<uint32_t>(type)) : nullptr;
  for (uint32_t i = 0; ids != nullptr && i < btf_vlen(ids); ++i) {
    const struct btf_enum& id = ::btf_enum(ids)[i];
    if (wanted == btf__name_by_offset(types, id.name_off)) return id.val;
  }
  return absl::UnavailableError(fmt::format("this kernel has no {} cgroup controller", controller));
}

}  // namespace capmon
