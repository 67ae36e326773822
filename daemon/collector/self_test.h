// SPDX-License-Identifier: Apache-2.0
// Makes a few harmless capability checks and looks at what a back end saw of them, because a
// program that attaches need not be called, and compilers inline the function under some callers.
// Without side effects. Must run before other threads exist.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "bpf/capmon_events.h"

namespace capmon {

struct SelfTestResult {
  std::vector<std::string> blind_spots;
};

// `collect` hands over the check records waiting in the ring. UNAVAILABLE when a grant or a refusal
// stays unseen.
using RecordVisitor = std::function<void(const capmon_check_record&)>;
absl::StatusOr<SelfTestResult> RunSelfTest(
    const std::function<void(const RecordVisitor&)>& collect);

}  // namespace capmon
