// SPDX-License-Identifier: Apache-2.0
// What is wrong in a settings file, where, and what to write instead.
#pragma once

#include <string>
#include <vector>

#include "common/yaml/yaml_reader.h"

namespace capmon {

struct SettingsFault {
  TextPlace place;
  std::string what;  // "gzip takes true or false, not "yes"; write "gzip: true""
};

// "capmond.yaml:3:5: gzip takes ..."
std::string Print(const std::string& file, const SettingsFault& fault);

// The faults of one file, in the order of their places once sorted. Bounded.
class Faults {
 public:
  static constexpr size_t kMost = 100;

  void Add(TextPlace place, const std::string& what);
  // Settings that work and are worth a second look.
  void Warn(TextPlace place, const std::string& what);
  void Sort();

  const std::vector<SettingsFault>& faults() const { return faults_; }
  const std::vector<SettingsFault>& warnings() const { return warnings_; }

 private:
  std::vector<SettingsFault> faults_, warnings_;
};

}  // namespace capmon
