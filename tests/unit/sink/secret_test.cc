// SPDX-License-Identifier: Apache-2.0
#include "daemon/sink/secret.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "tests/support/temp_dir.h"

namespace capmon {
namespace {

TEST(Secret, ComesFromAFileWithoutItsLineBreak) {
  const TempDir directory;
  ASSERT_TRUE(WriteFile(directory / "token", "s3cret\n"));
  EXPECT_EQ(ReadSecret({"file:" + directory / "token"}).value(), "s3cret");
}

TEST(Secret, ComesFromTheEnvironment) {
  setenv("CAPMON_TEST_SECRET", "from-env", 1);
  EXPECT_EQ(ReadSecret({"env:CAPMON_TEST_SECRET"}).value(), "from-env");
  EXPECT_EQ(ReadSecret({}).value(), "");
}

TEST(Secret, WhatCannotBeReadOrUsedIsAFault) {
  const TempDir directory;
  ASSERT_TRUE(WriteFile(directory / "injected", "token\r\nX-Other: header"));
  ASSERT_TRUE(WriteFile(directory / "empty", "\n"));
  for (const std::string& source :
       {"file:" + directory / "missing", "file:" + directory / "injected",
        "file:" + directory / "empty", std::string("env:CAPMON_NOT_SET"), std::string("plain")}) {
    const auto secret = ReadSecret({source});
    EXPECT_TRUE(absl::IsFailedPrecondition(secret.status())) << source;
    EXPECT_EQ(std::string(secret.status().message()).find("X-Other"), std::string::npos);
  }
}

}  // namespace
}  // namespace capmon
