// SPDX-License-Identifier: Apache-2.0
// Which instances in a profile file are those that this capmond saw itself: they count once. Pure.
#pragma once

#include <cstdint>
#include <set>
#include <string>

#include "daemon/profile/profile.h"

namespace capmon {

// Returns the name of an instance in profile files: its id, and its start if that is known, as
// "5f0c 2026-01-31T12:00:00Z".
std::string NameInFile(const Container& container);

// Notes that an instance is one of those whose evidence is folded.
void NoteFolded(const Container& instance, Folded& folded);

class SeenHere {
 public:
  // Adds what an instance is called, or what those that are folded into a profile were.
  void Add(const Container& container, const Folded& folded);
  // Also takes the name of a folded profile, which is in the evidence if its newest instance is.
  bool Has(const std::string& name) const;

 private:
  std::set<std::string> names_;
  std::set<uint64_t> folded_;
};

}  // namespace capmon
