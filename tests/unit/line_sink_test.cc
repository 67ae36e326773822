// SPDX-License-Identifier: Apache-2.0
#include "daemon/alert/line_sink.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

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

std::string TextOf(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

TEST(LineSink, GoesOnInANewFileOnceItIsReopened) {
  const std::string path = testing::TempDir() + "/rotated.jsonl", moved = path + ".1";
  std::remove(path.c_str());
  {
    auto sink = LineSink::Open(path);
    ASSERT_TRUE(sink.ok()) << sink.status();
    EXPECT_TRUE((*sink)->made());
    (*sink)->Put("before");
    ASSERT_EQ(std::rename(path.c_str(), moved.c_str()), 0);
    EXPECT_TRUE((*sink)->Reopen().ok());
    (*sink)->Put("after");
    EXPECT_EQ((*sink)->dropped(), 0u);
  }
  EXPECT_EQ(TextOf(moved), "before\n");
  EXPECT_EQ(TextOf(path), "after\n");
  EXPECT_FALSE((*LineSink::Open(path))->made());
}

TEST(LineSink, KeepsTheOldFileWhereItCannotReopen) {
  const std::string directory = testing::TempDir() + "/gone", path = directory + "/alerts";
  mkdir(directory.c_str(), 0700);
  std::ifstream old;
  {
    auto sink = LineSink::Open(path);
    ASSERT_TRUE(sink.ok()) << sink.status();
    old.open(path);
    std::remove(path.c_str());
    ASSERT_EQ(rmdir(directory.c_str()), 0);
    EXPECT_TRUE(absl::IsNotFound((*sink)->Reopen()));
    (*sink)->Put("still here");
  }
  std::string line;
  EXPECT_TRUE(std::getline(old, line));
  EXPECT_EQ(line, "still here");
}

TEST(LineSink, NeverWaitsForThePipesReader) {
  const std::string path = testing::TempDir() + "/alerts.pipe";
  std::remove(path.c_str());
  ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
  EXPECT_TRUE(absl::IsUnavailable(LineSink::Open(path).status())) << "nothing reads it";
  const int reader = open(path.c_str(), O_RDONLY | O_NONBLOCK);
  ASSERT_GE(reader, 0);
  auto sink = LineSink::Open(path);
  ASSERT_TRUE(sink.ok()) << sink.status();
  // More than fits into the pipe, which is not read.
  for (size_t i = 0; i < 2 * LineSink::kMaxQueued; ++i) (*sink)->Put(std::string(100, 'x'));
  EXPECT_GT((*sink)->dropped(), 0u);
  sink->reset();  // ends all the same
  close(reader);
}

// The limit on the size of files stands for a disk that is full, and has room again.
TEST(LineSink, ALineThatIsCutSpoilsNoOther) {
  const std::string path = testing::TempDir() + "/alerts.cut";
  std::remove(path.c_str());
  struct rlimit before {};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  const auto ignored = signal(SIGXFSZ, SIG_IGN);
  const struct rlimit small = {10'000, before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
  {
    auto sink = LineSink::Open(path);
    ASSERT_TRUE(sink.ok()) << sink.status();
    (*sink)->Put(std::string(6'000, 'a'));
    (*sink)->Put(std::string(6'000, 'b'));
    while ((*sink)->dropped() == 0) std::this_thread::yield();
    ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &before), 0);
    (*sink)->Put("whole");
  }
  signal(SIGXFSZ, ignored);
  std::ifstream file(path);
  std::string first, second, third;
  std::getline(file, first);
  std::getline(file, second);
  EXPECT_EQ(first, std::string(6'000, 'a'));
  EXPECT_EQ(second, "whole");
  EXPECT_FALSE(std::getline(file, third));
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
