// SPDX-License-Identifier: Apache-2.0
#include "daemon/attribution/identity.h"

#include <algorithm>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "daemon/attribution/cgroup_path.h"

namespace capmon {
namespace {

constexpr size_t kShownOfId = 12;

}  // namespace

void Fill(Container& container, const CgroupIdentity& identity) {
  container.kind = identity.kind;
  container.id = identity.id;
  container.name = IsLongId(identity.id) ? identity.id.substr(0, kShownOfId) : identity.id;
  container.name_source = kFromCgroup;
  container.runtime = identity.runtime;
  container.pod_uid = identity.pod_uid;
  container.cgroup_path = identity.cgroup_path;
}

bool IsTopLevelGuess(const Container& container) {
  return container.kind == ContainerKind::kContainer && container.runtime.empty() &&
         !IsLongId(container.id) && container.cgroup_path == "/" + container.id;
}
bool IsTopLevelGuess(const CgroupIdentity& identity) {
  return identity.kind == ContainerKind::kContainer && identity.runtime.empty() &&
         !IsLongId(identity.id) && identity.cgroup_path == "/" + identity.id;
}

bool MayBeContainer(const std::string& member) {
  constexpr std::string_view kInner[] = {"", "container", "payload", "init", "supervisor"};
  constexpr std::string_view kUnits[] = {".slice", ".scope", ".service", ".mount", ".socket"};
  return std::ranges::find(kInner, member) == std::end(kInner) &&
         std::ranges::none_of(kUnits, [&](auto suffix) { return member.ends_with(suffix); });
}

std::string WholePath(const CgroupIdentity& identity) {
  if (identity.inner.empty()) return identity.cgroup_path;
  return absl::StrCat(identity.cgroup_path == "/" ? "" : identity.cgroup_path, "/", identity.inner);
}

CgroupIdentity AsMemberOf(const CgroupIdentity& cgroup, const std::string& own,
                          const std::string& id, const std::string& runtime) {
  const std::string whole = WholePath(cgroup);
  const bool itself = cgroup.cgroup_path == own;
  return {ContainerKind::kContainer,
          itself && IsLongId(cgroup.id) ? cgroup.id : id,
          itself && !cgroup.runtime.empty() ? cgroup.runtime : runtime,
          itself ? cgroup.pod_uid : "",
          whole.size() > own.size() ? whole.substr(own.size() + 1) : "",
          own};
}

}  // namespace capmon
