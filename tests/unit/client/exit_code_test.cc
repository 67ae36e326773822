// SPDX-License-Identifier: Apache-2.0
#include "client/base/exit_code.h"

#include <gtest/gtest.h>

namespace capmon {
namespace {

TEST(ExitCode, IsTheContractOfEveryCommand) {
  EXPECT_EQ(ExitCodeFor(absl::OkStatus()), 0);
  EXPECT_EQ(ExitCodeFor(absl::InvalidArgumentError("usage")), 2);
  EXPECT_EQ(ExitCodeFor(absl::UnavailableError("no daemon")), 3);
  EXPECT_EQ(ExitCodeFor(absl::NotFoundError("no container")), 4);
  EXPECT_EQ(ExitCodeFor(absl::FailedPreconditionError("ambiguous")), 4);
  EXPECT_EQ(ExitCodeFor(absl::DataLossError("incomplete")), 5);
  EXPECT_EQ(ExitCodeFor(absl::PermissionDeniedError("not you")), 6);
}

TEST(ExitCode, IsZeroWhenTheReaderHasGone) {
  EXPECT_EQ(ExitCodeFor(absl::CancelledError("pipe closed")), 0);
}

TEST(ExitCode, NeverLooksLikeADifferenceWhenSomethingBroke) {
  for (const auto code : {absl::StatusCode::kInternal, absl::StatusCode::kUnknown,
                          absl::StatusCode::kResourceExhausted, absl::StatusCode::kAborted})
    EXPECT_EQ(ExitCodeFor(absl::Status(code, "broken")), 3);
}

}  // namespace
}  // namespace capmon
