// SPDX-License-Identifier: Apache-2.0
// Label selectors as kubectl has them: "app=web,tier!=db,env in (prod, test),!canary". Pure.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "google/protobuf/map.h"

namespace capmon {

struct LabelRequirement {
  std::string key;
  bool any_value = false;        // KEY, !KEY: the label has to be there
  bool negated = false;          // !=, notin, !KEY: also holds without the label
  std::set<std::string> values;  // one of them
};

// INVALID_ARGUMENT: one sentence.
absl::StatusOr<std::vector<LabelRequirement>> ParseLabelSelector(const std::string& text);

bool FitsSelector(const std::vector<LabelRequirement>& all,
                  const google::protobuf::Map<std::string, std::string>& labels);

}  // namespace capmon
