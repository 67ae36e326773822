// SPDX-License-Identifier: Apache-2.0
// Layers of descriptions: if two sources disagree, the more authoritative one wins (cri, docker,
// oci, then the cgroup path); a source may correct itself. Pure.
#pragma once

#include <array>
#include <deque>
#include <map>
#include <optional>
#include <string>

#include "daemon/model/container.h"
#include "daemon/model/kernel_event.h"

namespace capmon {

class Descriptions {
 public:
  struct Declared {
    std::string path;
    std::string id;
    std::string runtime;
  };

  // `described.cgroup_path` is in IdentifyCgroup's spelling, or empty.
  void Add(const ContainerDescribed& described);
  // Fills in the container's fields, and replaces those of less authoritative sources.
  void ApplyTo(Container& container) const;
  // Returns the outermost cgroup path towards `path` at which a runtime reports a container.
  std::optional<Declared> OutermostAt(const std::string& path) const;
  // Forgets the container at this path: the next one there is another container.
  void Withdraw(const std::string& path);

  uint64_t dropped() const { return dropped_; }  // the oldest are dropped over the limits

  static constexpr size_t kMax = 4096;

 private:
  static constexpr size_t kRanks = 4;
  using Layers = std::array<std::optional<ContainerDescribed>, kRanks>;  // least authority first

  // Unless it belongs to another one.
  void ReleasePath(const std::string& path, const std::string& key);

  // By id if that is unique, else by cgroup path: two runtimes may both have a "web".
  std::map<std::string, Layers> known_;
  std::map<std::string, std::string> key_by_path_;
  std::map<std::string, std::deque<std::string>> order_;  // by user; oldest first
  uint64_t dropped_ = 0;
};

}  // namespace capmon
