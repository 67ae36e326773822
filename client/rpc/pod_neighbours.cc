// SPDX-License-Identifier: Apache-2.0
#include "client/rpc/pod_neighbours.h"

#include <google/protobuf/util/time_util.h>

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace capmon {
namespace {

constexpr size_t kMostNeighbours = 500;
constexpr char kSandbox[] = "POD";

bool SamePod(const v1::Container& a, const v1::Container& b) {
  return a.namespace_() == b.namespace_() && a.pod() == b.pod() && a.pod_uid() == b.pod_uid();
}

int64_t Nanoseconds(const google::protobuf::Timestamp& time) {
  return google::protobuf::util::TimeUtil::TimestampToNanoseconds(time);
}

bool EndedBefore(const v1::Container& earlier, const v1::Container& later) {
  return earlier.has_ended() && later.has_first_seen() &&
         Nanoseconds(earlier.ended()) <= Nanoseconds(later.first_seen());
}

// Whether a running container of the same workload has taken the place of one that ended.
bool IsReplaced(const v1::Container& ended, const v1::ListContainersResponse& all) {
  return std::ranges::any_of(all.containers(), [&](const v1::ContainerSummary& summary) {
    const v1::Container& other = summary.container();
    return !other.has_ended() && other.name() == ended.name() && !ended.workload().empty() &&
           other.workload() == ended.workload() && other.namespace_() == ended.namespace_();
  });
}

}  // namespace

std::string PlaceInPod(const v1::Container& container, const v1::ListContainersResponse& all) {
  bool alone = true, one_by_one = container.has_ended(), followed = false, last = true;
  for (const v1::ContainerSummary& summary : all.containers()) {
    const v1::Container& other = summary.container();
    if (!SamePod(container, other) || other.name() == container.name() || other.name() == kSandbox)
      continue;
    alone = false;
    const bool after = EndedBefore(container, other);
    followed = followed || after;
    one_by_one = one_by_one && (after || EndedBefore(other, container));
    last = last && Nanoseconds(other.first_seen()) <= Nanoseconds(container.first_seen());
  }
  if (one_by_one && followed) return "initContainers";
  if (!alone && last && container.name().starts_with("debugger-")) return "ephemeralContainers";
  return "containers";
}

std::vector<std::string> NeighboursOf(const v1::Container& container,
                                      const v1::ListContainersResponse& all) {
  std::vector<std::string> references;
  for (const v1::ContainerSummary& summary : all.containers()) {
    const v1::Container& other = summary.container();
    if (other.namespace_() != container.namespace_() || other.pod().empty() ||
        other.name() == kSandbox || other.cgroup_path() == container.cgroup_path() ||
        (other.has_ended() && IsReplaced(other, all)))
      continue;
    if (references.size() == kMostNeighbours) break;
    references.push_back(absl::StrCat("cgroup:", other.cgroup_path()));
  }
  return references;
}

}  // namespace capmon
