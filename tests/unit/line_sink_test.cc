// SPDX-License-Identifier: Apache-2.0
#include "daemon/alert/line_sink.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <sstream>

namespace capmon {
namespace {

TEST(LineSink, WritesWhatIsQueuedBeforeItCloses) {
  const std::string path = testing::TempDir() + "/alerts.jsonl";
  std::remove(path.c_str());
  {
    auto sink = LineSink::Open(path);
    ASSERT_TRUE(sink.ok()) << sink.status();
    for (int i = 0; i < 1000; ++i) (*sink)->Put("{\"line\":" + std::to_string(i) + "}");
    EXPECT_EQ((*sink)->dropped(), 0u);
  }
  std::ifstream file(path);
  std::string line;
  for (int i = 0; i < 1000; ++i) {
    ASSERT_TRUE(std::getline(file, line)) << i;
    EXPECT_EQ(line, "{\"line\":" + std::to_string(i) + "}");
  }
  struct stat info {};
  ASSERT_EQ(stat(path.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777 & ~0640u, 0u) << "not for everybody";
}

TEST(LineSink, AFileThatCannotBeOpenedIsAnError) {
  EXPECT_TRUE(absl::IsNotFound(LineSink::Open("/nonexistent/alerts").status()));
}

TEST(LineSink, WhatTheDiskRefusesIsCounted) {
  auto sink = LineSink::Open("/dev/full");
  ASSERT_TRUE(sink.ok()) << sink.status();
  (*sink)->Put("lost");
  while ((*sink)->dropped() == 0) std::this_thread::yield();
  EXPECT_EQ((*sink)->dropped(), 1u);
}

}  // namespace
}  // namespace capmon
