// SPDX-License-Identifier: Apache-2.0
// Chooses the ended container to evict. Each place (a pod's namespace, or the parent cgroup) has an
// equal share, and in it each workload or image: a burst of short containers evicts its own kind.
// Pure; every call takes logarithmic time.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>

#include "daemon/model/container.h"

namespace capmon {

class EndedShares {
 public:
  // Adds an ended container, or updates what is known of it.
  void Add(const Container& container);
  void Remove(const std::string& key);
  bool Contains(const std::string& key) const { return entries_.contains(key); }
  // Returns the oldest one of the largest share of the largest place.
  std::optional<std::string> Next() const;
  size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    std::string place;
    std::string kind;
    TimeNs ended = 0;
    friend bool operator==(const Entry&, const Entry&) = default;
  };
  using Sizes = std::set<std::pair<size_t, std::string>>;
  struct Place {
    std::map<std::string, std::set<std::pair<TimeNs, std::string>>> kinds;
    Sizes sizes;  // of kinds
    size_t size = 0;
  };

  static Entry Describe(const Container& container);

  std::unordered_map<std::string, Entry> entries_;  // by key
  std::map<std::string, Place> places_;
  Sizes sizes_;  // of places
};

}  // namespace capmon
