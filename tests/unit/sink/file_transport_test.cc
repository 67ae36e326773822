// SPDX-License-Identifier: Apache-2.0
#include "daemon/sink/file_transport.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <sstream>

#include "tests/support/temp_dir.h"
#include "tests/unit/sink/sink_alert.h"

namespace capmon {
namespace {

const Sensor kSensor{};

std::vector<FeedMessage> Messages(int from, int to) {
  std::vector<FeedMessage> messages;
  for (int i = from; i <= to; ++i)
    messages.push_back({"file", static_cast<uint64_t>(i), NumberedAlert(i)});
  return messages;
}

std::unique_ptr<FileTransport> OpenFile(const FileTarget& target) {
  auto transport = FileTransport::Open(target, AlertFormat::kNative, kSensor);
  EXPECT_TRUE(transport.ok()) << transport.status();
  return *std::move(transport);
}

// The numbers of the messages in a file; -1 for a line that is no message.
std::vector<int> Numbers(const std::string& path) {
  std::vector<int> numbers;
  std::istringstream text(ReadFile(path));
  for (std::string line; std::getline(text, line);) {
    const auto message = ParseNativeAlert(line);
    numbers.push_back(message.ok() ? static_cast<int>(message->sequence) : -1);
  }
  return numbers;
}

TEST(FileTransport, AppendsALineForEachMessage) {
  const TempDir directory;
  const std::string path = directory / "alerts.jsonl";
  const auto transport = OpenFile({.path = path, .sync = FileTarget::Sync::kBatch});
  EXPECT_TRUE(transport->made());
  const SendResult result = transport->Send(Messages(1, 3), {});
  EXPECT_TRUE(result.status.ok()) << result.status;
  EXPECT_EQ(result.settled, 3u);
  EXPECT_EQ(Numbers(path), (std::vector<int>{1, 2, 3}));
  struct stat info {};
  ASSERT_EQ(stat(path.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777 & ~0640u, 0u) << "not for everybody";
  EXPECT_FALSE(OpenFile({.path = path})->made());
}

TEST(FileTransport, AFileThatCannotBeOpenedIsAnError) {
  EXPECT_TRUE(absl::IsNotFound(
      FileTransport::Open({.path = "/nonexistent/alerts"}, AlertFormat::kNative, kSensor)
          .status()));
}

TEST(FileTransport, GoesOnInANewFileOnceItIsReopened) {
  const TempDir directory;
  const std::string path = directory / "alerts", moved = directory / "alerts.1";
  const auto transport = OpenFile({.path = path});
  transport->Send(Messages(1, 1), {});
  ASSERT_EQ(std::rename(path.c_str(), moved.c_str()), 0);
  EXPECT_TRUE(transport->Reopen().ok());
  transport->Send(Messages(2, 2), {});
  EXPECT_EQ(Numbers(moved), std::vector<int>{1});
  EXPECT_EQ(Numbers(path), std::vector<int>{2});
}

TEST(FileTransport, KeepsTheOldFileWhereItCannotReopen) {
  const TempDir directory;
  const std::string inner = directory / "inner", path = inner + "/alerts";
  mkdir(inner.c_str(), 0700);
  const auto transport = OpenFile({.path = path});
  std::filesystem::rename(inner, directory / "moved");
  EXPECT_TRUE(absl::IsNotFound(transport->Reopen()));
  EXPECT_EQ(transport->Send(Messages(1, 1), {}).settled, 1u);
  EXPECT_EQ(Numbers(directory / "moved" + "/alerts"), std::vector<int>{1});
}

TEST(FileTransport, RotatesBySizeAndRemovesTheOldest) {
  const TempDir directory;
  const std::string path = directory / "alerts";
  const size_t line = EncodeAlert(AlertFormat::kNative, Messages(1, 1)[0], kSensor).size() + 1;
  const auto transport = OpenFile({.path = path, .rotate_bytes = 2 * line, .keep_rotated = 2});
  EXPECT_EQ(transport->Send(Messages(1, 9), {}).settled, 9u);
  EXPECT_EQ(Numbers(path), std::vector<int>{9});
  EXPECT_EQ(Numbers(path + ".1"), (std::vector<int>{7, 8}));
  EXPECT_EQ(Numbers(path + ".2"), (std::vector<int>{5, 6}));
  EXPECT_FALSE(std::filesystem::exists(path + ".3"));
}

TEST(FileTransport, AFullDiskIsReportedAndNothingIsSettled) {
  const SendResult result = OpenFile({.path = "/dev/full"})->Send(Messages(1, 2), {});
  EXPECT_EQ(result.settled, 0u);
  EXPECT_NE(std::string(result.status.message()).find("/dev/full"), std::string::npos);
  EXPECT_NE(std::string(result.status.message()).find("No space left"), std::string::npos);
}

TEST(FileTransport, APipeThatIsNotReadEndsWithTheStop) {
  const TempDir directory;
  const std::string path = directory / "pipe";
  ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
  EXPECT_TRUE(absl::IsUnavailable(
      FileTransport::Open({.path = path}, AlertFormat::kNative, kSensor).status()))
      << "nothing reads it";
  const UniqueFd reader(open(path.c_str(), O_RDONLY | O_NONBLOCK));
  const auto transport = OpenFile({.path = path});
  std::stop_source stop;
  stop.request_stop();
  const SendResult result = transport->Send(Messages(1, 2000), stop.get_token());
  EXPECT_TRUE(absl::IsCancelled(result.status)) << result.status;
  EXPECT_LT(result.settled, 2000u);
}

}  // namespace
}  // namespace capmon
