// SPDX-License-Identifier: Apache-2.0
// Errors of both programs: one sentence on standard error, nothing on standard output, an exit
// code.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "tests/support/child_process.h"

namespace capmon {

// The sentence must contain `about`, and must be bounded even if it quotes input.
inline void ExpectComplaint(Outcome outcome, int exit_code, const std::string& about) {
  constexpr size_t kLongest = 1000;
  EXPECT_LT(outcome.err.size(), kLongest);
  if (outcome.err.size() > kLongest) outcome.err.replace(kLongest / 2, std::string::npos, "...\n");
  EXPECT_EQ(outcome.exit_code, exit_code) << outcome.err;
  EXPECT_EQ(outcome.out, "");
  EXPECT_EQ(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 1) << outcome.err;
  EXPECT_THAT(outcome.err,
              testing::AnyOf(testing::StartsWith("capmond: "), testing::StartsWith("capmon: ")));
  EXPECT_THAT(outcome.err, testing::HasSubstr(about));
}

}  // namespace capmon
