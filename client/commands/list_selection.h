// SPDX-License-Identifier: Apache-2.0
// Which rows `capmon list` prints, and in which order. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "capmon/v1/capmon.pb.h"

namespace capmon {

// An empty field selects everything, or leaves the order as capmond has it.
struct ListSelection {
  std::string name_space = {};  // of Kubernetes
  std::vector<std::string> filters =
      {};                                // "KEY=PATTERN": of one key one must fit, of each key some
  std::vector<std::string> labels = {};  // label selectors: all of them
  std::string sort = {};                 // numbers: largest first; names: alphabetically
  int64_t since = 0;                     // seconds since the epoch; 0: any time
  bool sandboxes = false;                // also those of pods, which do nothing
};

const std::vector<std::string>& FilterKeys();
const std::vector<std::string>& SortKeys();

// INVALID_ARGUMENT for a filter without a key, or with a key, state or capability that there is
// not, and for a label selector that is none.
absl::Status CheckSelection(const ListSelection& selection);

// Removes the rows that are not selected, and sorts the others; the selection was checked.
void Select(const ListSelection& selection, v1::ListContainersResponse& response);
void Select(const ListSelection& selection, v1::ListWorkloadsResponse& response);

}  // namespace capmon
