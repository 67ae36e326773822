// SPDX-License-Identifier: Apache-2.0
// With an answerer that hangs, dies, or answers at once.
#include "daemon/collector/file_reader.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <set>

namespace capmon {
namespace {

using std::chrono::milliseconds;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

constexpr milliseconds kShort(1000);  // a loaded machine answers what does not hang before that
constexpr milliseconds kLong(600'000);

FileAnswer Answer(const FileQuestion& question) {
  if (question.path == "/hangs")
    for (;;) ::pause();
  if (question.path == "/dies") ::_exit(1);
  if (question.path == "/slow") ::usleep(600'000);
  if (question.path == "/descriptors") {
    uint64_t open = 0;
    for (int fd = 0; fd < 64; ++fd) open |= ::fcntl(fd, F_GETFD) >= 0 ? uint64_t{1} << fd : 0;
    return {true, CapabilitySet(open), false, {}};
  }
  return {true, CapabilitySet(question.cgroup), true, {{0, 100000, 65536}}};
}

std::unique_ptr<ReadingProcess> Process(milliseconds patience) {
  auto process = ReadingProcess::Start(&Answer, patience);
  EXPECT_TRUE(process.ok()) << process.status();
  return process.ok() ? *std::move(process) : nullptr;
}

FileQuestion Question(const std::string& path, CgroupId cgroup = 1) {
  FileQuestion question;
  question.kind = FileQuestion::Kind::kFile;
  question.cgroup = cgroup;
  question.path = path;
  return question;
}

ProcessExec Exec(CgroupId cgroup, const std::string& path, uint32_t exe = 5) {
  ProcessExec exec;
  exec.cgroup = cgroup;
  exec.path = path;
  exec.exe = exe;
  exec.exe_origin = ExeOrigin::kOwn;
  return exec;
}

std::set<std::string> KnownPaths(const std::vector<KernelEvent>& answers) {
  std::set<std::string> known;
  for (const KernelEvent& event : answers)
    if (const auto* read = std::get_if<FileRead>(&event); read && read->known)
      known.insert(read->path);
  return known;
}

TEST(FileQuestionTest, GoesThroughBytes) {
  FileQuestion question = Question("/bin/a b", 77);
  question.pid = 1;
  question.exe = 2;
  question.first_pid = 3;
  question.root = "/merged";
  question.device = 4;
  question.path_on_device = "/jail/a b";
  const auto read = DecodeQuestion(Encode(question));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->path, question.path);
  EXPECT_EQ(read->root, question.root);
  EXPECT_EQ(read->device, 4);
  EXPECT_EQ(read->path_on_device, question.path_on_device);
  EXPECT_EQ(read->cgroup, 77);
  EXPECT_EQ(read->first_pid, 3);
  EXPECT_FALSE(DecodeQuestion("short"));
  question.path = question.root = question.path_on_device = std::string(100'000, 'x');
  EXPECT_LE(Encode(question).size(), kMaxMessage);
  FileAnswer answer{true, CapabilitySet(6), true, IdMap(1000, IdRange{1, 2, 3})};
  EXPECT_LE(Encode(answer).size(), kMaxMessage);
  EXPECT_EQ(DecodeAnswer(Encode(answer))->ids.size(), 340);
  EXPECT_FALSE(DecodeAnswer(Encode(answer).substr(1)));
}

TEST(ReadingProcessTest, Answers) {
  const auto process = Process(kLong);
  const ReadingProcess::Reply reply = process->Ask(Question("/x", 9));
  EXPECT_EQ(reply.state, ReadingProcess::State::kAnswered);
  EXPECT_TRUE(reply.answer.known && reply.answer.effective);
  EXPECT_EQ(reply.answer.permitted.bits(), 9);
  EXPECT_EQ(reply.answer.ids.size(), 1);
  EXPECT_THAT(reply.hanging, IsEmpty());
}

TEST(ReadingProcessTest, HoldsNothingButItsSocket) {
  const UniqueFd lock(::open("/proc/self/exe", O_RDONLY));  // would be inherited
  const auto process = Process(kLong);
  const ReadingProcess::Reply reply = process->Ask(Question("/descriptors"));
  EXPECT_EQ(reply.answer.permitted.bits(), 0b1111);
}

TEST(ReadingProcessTest, GoesOnWithAnotherWorkerAfterOneThatHangs) {
  const auto process = Process(kShort);
  const ReadingProcess::Reply hung = process->Ask(Question("/hangs"));
  EXPECT_EQ(hung.state, ReadingProcess::State::kHung);
  EXPECT_FALSE(hung.answer.known);
  EXPECT_TRUE(process->Ask(Question("/x")).answer.known);
}

TEST(ReadingProcessTest, GoesOnWithAnotherWorkerAfterOneThatDies) {
  const auto process = Process(kLong);
  const ReadingProcess::Reply died = process->Ask(Question("/dies"));
  EXPECT_EQ(died.state, ReadingProcess::State::kAnswered);
  EXPECT_FALSE(died.answer.known);
  EXPECT_TRUE(process->Ask(Question("/x")).answer.known);
}

TEST(ReadingProcessTest, EndsWhileAWorkerHangs) {
  const auto process = Process(kLong);
  std::jthread asks(
      [&] { EXPECT_EQ(process->Ask(Question("/hangs")).state, ReadingProcess::State::kGone); });
  process->End();
}

// A reader whose file system hangs makes unread what its own container executes.
TEST(FileReaderTest, AContainerThatHangsIsAvoidedAndItsNeighbourIsRead) {
  FileReader reader(Process(kShort));
  reader.Want(Exec(1, "/hangs"), {"evil", ""});
  for (int i = 0; i < 10; ++i) {
    reader.Want(Exec(1, "/also-unread"), {"evil", ""});
    reader.Want(Exec(2, "/read"), {"neighbour", ""});
  }
  ASSERT_TRUE(reader.Await(kLong));
  EXPECT_THAT(KnownPaths(reader.Drain()), UnorderedElementsAre("/read"));
  const FileReader::Tally tally = reader.tally();
  EXPECT_EQ(tally.read, 10);
  EXPECT_EQ(tally.unread, 11);
  EXPECT_EQ(tally.hung, 1);
  EXPECT_EQ(tally.avoided, 10);
  EXPECT_EQ(tally.dropped, 0);
  EXPECT_FALSE(tally.gone || tally.full);
}

// A loaded machine answers slowly now and then; a file system that always does takes too much time.
TEST(FileReaderTest, AContainerMayBeSlowForAFewSeconds) {
  FileReader reader(Process(kLong));
  const auto want = [&](const char* path) {
    reader.Want(Exec(1, path), {"slow", ""});
    ASSERT_TRUE(reader.Await(kLong));
  };
  want("/slow");
  want("/read-after-one");
  for (int i = 0; i < 5; ++i) want("/slow");
  want("/unread-after-six");
  EXPECT_THAT(KnownPaths(reader.Drain()), UnorderedElementsAre("/slow", "/read-after-one"));
  EXPECT_EQ(reader.tally().avoided, 1);
}

TEST(FileReaderTest, AFloodDisplacesOnlyItsOwn) {
  FileReader reader(Process(kLong));
  constexpr uint32_t kFlood = 20'000;
  for (uint32_t i = 0; i < kFlood; ++i) reader.Want(Exec(1, "/flood", i + 1), {"flood", ""});
  for (uint32_t i = 0; i < 100; ++i) reader.Want(Exec(2, "/read", i + 1), {"neighbour", ""});
  size_t read = 0, flooded = 0;
  for (bool done = false; !done;) {
    done = reader.Await(kShort);
    for (const KernelEvent& event : reader.Drain())
      ++(std::get<FileRead>(event).path == "/read" ? read : flooded);
  }
  EXPECT_EQ(read, 100);
  const FileReader::Tally tally = reader.tally();
  EXPECT_EQ(tally.dropped, kFlood - flooded);
  EXPECT_EQ(tally.unread, tally.dropped);
}

TEST(FileReaderTest, EndsWhileAFileSystemHangs) {
  FileReader reader(Process(kLong));
  reader.Want(Exec(1, "/hangs"), {"evil", ""});
  EXPECT_FALSE(reader.Await(milliseconds(50)));
}

TEST(FileReaderTest, WithoutAProcessNothingIsRead) {
  FileReader reader(nullptr);
  reader.Want(Exec(1, "/x"), {"a", ""});
  ASSERT_TRUE(reader.Await(kLong));
  EXPECT_THAT(KnownPaths(reader.Drain()), IsEmpty());
  EXPECT_TRUE(reader.tally().gone);
}

TEST(FileReaderTest, UserMapsAreAnswered) {
  FileReader reader(Process(kLong));
  reader.WantUserMap(Exec(1, "/x"), {"a", ""});
  ASSERT_TRUE(reader.Await(kLong));
  const auto answers = reader.Drain();
  ASSERT_EQ(answers.size(), 1);
  EXPECT_EQ(std::get<UserMapRead>(answers[0]).ids, (IdMap{{0, 100000, 65536}}));
}

}  // namespace
}  // namespace capmon
