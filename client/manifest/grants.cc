// SPDX-License-Identifier: Apache-2.0
#include "client/manifest/grants.h"

#include <linux/capability.h>

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "client/host/default_sets.h"

namespace capmon {
namespace {

// What both lists say.
struct Lists {
  CapabilitySet add, drop;
  bool add_all = false, drop_all = false;
};

CapabilitySet EveryCapability() {
  CapabilitySet set;
  for (Capability c = 0; c <= CAP_LAST_CAP; ++c) set.Add(c);
  return set;
}

void Read(const std::vector<Word>& words, bool prefixed, CapabilitySet& set, bool& all) {
  for (const Word& word : words) {
    all |= IsAll(word);
    if (!prefixed && HasPrefix(word)) continue;
    if (const auto capability = CapabilityOf(word)) set.Add(*capability);
  }
}

// Without `prefixed`, names that begin with CAP_ mean nothing.
Lists ListsOf(const ManifestContainer& container, bool prefixed) {
  Lists lists;
  Read(container.add, prefixed, lists.add, lists.add_all);
  Read(container.drop, prefixed, lists.drop, lists.drop_all);
  return lists;
}

CapabilitySet DefaultOf(const std::string& runtime) {
  return DefaultSetOf(runtime).value_or(CapabilitySet());
}

// Docker and Podman: a name in both lists is added.
CapabilitySet ByEngine(const Lists& lists, CapabilitySet usual) {
  if (lists.add_all) return EveryCapability() - lists.drop;
  if (lists.drop_all) return lists.add;
  return (usual - lists.drop) | lists.add;
}

// A name in both lists is dropped; of ALL in both lists, drop comes last.
CapabilitySet ByContainerd(const Lists& lists, CapabilitySet usual) {
  CapabilitySet set = lists.add_all ? EveryCapability() : usual;
  if (lists.drop_all) set = {};
  return (set | lists.add) - lists.drop;
}

// As containerd, but of ALL in both lists, add comes last.
CapabilitySet ByCrio(const Lists& lists, CapabilitySet usual) {
  CapabilitySet set = lists.drop_all ? CapabilitySet() : usual;
  if (lists.add_all) set = EveryCapability();
  return (set | lists.add) - lists.drop;
}

Grants Both(CapabilitySet a, CapabilitySet b) { return {a & b, a | b}; }

}  // namespace

bool IsAll(const Word& word) { return absl::EqualsIgnoreCase(word.text, "ALL"); }

bool HasPrefix(const Word& word) { return absl::StartsWithIgnoreCase(word.text, "CAP_"); }

std::optional<Capability> CapabilityOf(const Word& word) {
  const bool number =
      std::ranges::all_of(word.text, [](unsigned char c) { return absl::ascii_isdigit(c); });
  return number ? std::nullopt : ParseCapability(word.text);
}

Grants GrantsOf(const ManifestContainer& container, const std::string& runtime) {
  if (container.privileged.value == true) return Both(EveryCapability(), EveryCapability());
  const Lists lists = ListsOf(container, /*prefixed=*/true);
  const bool compose = container.origin == ManifestContainer::Origin::kCompose;
  if (compose || runtime == "docker" || runtime == "podman") {
    const CapabilitySet set = ByEngine(lists, DefaultOf(runtime == "podman" ? runtime : "docker"));
    return Both(set, set);
  }
  // containerd puts CAP_ before every name, and the runtime ignores CAP_CAP_CHOWN.
  const CapabilitySet containerd =
      ByContainerd(ListsOf(container, /*prefixed=*/false), DefaultOf("containerd"));
  const CapabilitySet crio = ByCrio(lists, DefaultOf("cri-o"));
  if (runtime == "containerd") return Both(containerd, containerd);
  if (runtime == "cri-o") return Both(crio, crio);
  return Both(containerd, crio);
}

}  // namespace capmon
