// SPDX-License-Identifier: Apache-2.0
#include "daemon/profile/seen_here.h"

#include <ctime>
#include <string_view>

namespace capmon {
namespace {

constexpr std::string_view kFoldedUpTo = "folded-up-to-";

// FNV-1a: it is stored, so it must not change.
uint64_t HashOf(std::string_view name) {
  uint64_t hash = 0xcbf29ce484222325;
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return hash;
}

}  // namespace

std::string NameInFile(const Container& container) {
  const std::string& id = container.id.empty() ? container.cgroup_path : container.id;
  if (container.first_seen == 0) return id;
  const std::time_t seconds = container.first_seen / kSecond;
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  char text[64];
  return id + std::string(text, std::strftime(text, sizeof(text), " %Y-%m-%dT%H:%M:%SZ", &parts));
}

void NoteFolded(const Container& instance, Folded& folded) {
  folded.ids.push_back(HashOf(NameInFile(instance)));
  if (folded.ids.size() > Folded::kMaxIds) folded.ids.erase(folded.ids.begin());
}

void SeenHere::Add(const Container& container, const Folded& folded) {
  if (folded.instances == 0)
    names_.insert(NameInFile(container));
  else
    folded_.insert(folded.ids.begin(), folded.ids.end());
}

bool SeenHere::Has(const std::string& name) const {
  std::string_view own = name;
  if (own.starts_with(kFoldedUpTo)) own.remove_prefix(kFoldedUpTo.size());
  return names_.contains(std::string(own)) || folded_.contains(HashOf(own));
}

}  // namespace capmon
