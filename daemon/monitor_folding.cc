// SPDX-License-Identifier: Apache-2.0
// What the monitor keeps of containers whose evidence had to go: folded into their workloads.
#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "daemon/monitor.h"
#include "daemon/profile/fold.h"

namespace capmon {
namespace {

// Returns a key that no container has: theirs are numbers, units and fixed words.
// One profile for each version of the image and for instances that are judged by the same facts.
std::string FoldedKey(const std::string& workload, const Profile& instance) {
  return fmt::format("folded:{}@{}#{:x}", workload, instance.container.image_digest,
                     std::hash<std::string>()(JudgingFacts(instance)));
}

}  // namespace

void Monitor::NoteFolded(const std::string& workload, const Container& container) {
  folded_[workload].insert(container.key);
  folded_shares_.Add(container);
}

void Monitor::FoldAway(const std::string& key) {
  if (!book_.Contains(key)) return;
  const Profile instance = SnapshotOfKey(key).Joined();
  const auto identity = IdentifyWorkload(instance.container);
  if (!identity) {
    ++unfolded_containers_;
    return;
  }
  const std::string workload = Print(identity->workload);
  const std::string into = FoldedKey(workload, instance);
  if (!book_.Contains(into)) {
    Container container = instance.container;
    container.key = into;
    book_.Open(container);
  }
  Profile& folded = book_.Replace(into);
  Fold(instance, sites_, folded);
  NoteFolded(workload, folded.container);
  BoundFolded(workload);
}

// A workload whose image changes every hour pushes out its own past, and not that of others.
void Monitor::BoundFolded(const std::string& workload) {
  const std::set<std::string>& own = folded_[workload];
  if (own.size() > kMaxFoldedOfOne)
    DropFolded(workload, *std::ranges::min_element(own, {}, [&](const std::string& key) {
                 return book_.Find(key)->container.removed;
               }));
  while (folded_shares_.size() > options_.max_folded) {
    const std::string key = *folded_shares_.Next();
    const auto identity = IdentifyWorkload(book_.Find(key)->container);
    DropFolded(identity ? Print(identity->workload) : "", key);
  }
}

void Monitor::DropFolded(const std::string& workload, const std::string& key) {
  const std::string gone = key;  // the reference may be into what is erased
  folded_shares_.Remove(gone);
  book_.Remove(gone);
  ++evicted_folded_;
  const auto own = folded_.find(workload);
  if (own == folded_.end()) return;
  own->second.erase(gone);
  if (own->second.empty()) folded_.erase(own);
}

}  // namespace capmon
