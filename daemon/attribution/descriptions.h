// SPDX-License-Identifier: Apache-2.0
// What runtimes say about containers, one layer over the other: where two sources contradict each
// other the more authoritative is believed (cri, docker, oci, then the cgroup path), and the same
// source may correct itself. Pure.
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

  // `described.cgroup_path` is as IdentifyCgroup() spells paths, or empty.
  void Add(const ContainerDescribed& described);
  // Fills in what is known of the container, and corrects what a lesser source had said.
  void ApplyTo(Container& container) const;
  // The outermost of the cgroup paths on the way to `path` where a runtime says it has a container.
  std::optional<Declared> OutermostAt(const std::string& path) const;
  // The container at this path ended: the next one there is another container.
  void Withdraw(const std::string& path);

  uint64_t dropped() const { return dropped_; }  // the oldest, over the limit

  static constexpr size_t kMax = 4096;

 private:
  static constexpr size_t kRanks = 4;
  using Layers = std::array<std::optional<ContainerDescribed>, kRanks>;  // least authority first

  void ReleasePath(const std::string& path, const std::string& key);  // unless it is another's

  // By id where that is unique, else by cgroup path: two runtimes may both have a "web".
  std::map<std::string, Layers> known_;
  std::map<std::string, std::string> key_by_path_;
  std::deque<std::string> order_;  // oldest first
  uint64_t dropped_ = 0;
};

}  // namespace capmon
