// SPDX-License-Identifier: Apache-2.0
#include "daemon/base/regular_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

namespace capmon {
namespace {

TEST(RegularFile, ReadsItAll) {
  const std::string path = testing::TempDir() + "/a file", text(100'000, 'x');
  std::ofstream(path) << text;
  EXPECT_EQ(*ReadRegularFile(path, text.size()), text);
  EXPECT_TRUE(absl::IsInvalidArgument(ReadRegularFile(path, text.size() - 1).status()));
}

TEST(RegularFile, RefusesWhatHasNoEndOrNoBeginning) {
  const std::string fifo = testing::TempDir() + "/a pipe";
  std::remove(fifo.c_str());
  ASSERT_EQ(mkfifo(fifo.c_str(), 0600), 0);
  for (const std::string& path :
       {fifo, testing::TempDir(), std::string("/dev/zero"), std::string("/dev/null")})
    EXPECT_TRUE(absl::IsInvalidArgument(ReadRegularFile(path, 1024).status())) << path;
  EXPECT_TRUE(absl::IsNotFound(ReadRegularFile("/no/such/file", 1024).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(ReadRegularFile(std::string("/etc\0x", 6), 9).status()));
}

}  // namespace
}  // namespace capmon
