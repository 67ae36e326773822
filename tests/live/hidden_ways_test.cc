// SPDX-License-Identifier: Apache-2.0
// More ways of a workload to look like its runtime: by its cgroup, its executable's name, its
// mounts, its table of system calls, or with files from outside.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "daemon/base/unique_fd.h"
#include "generated/build_paths.h"
#include "tests/live/hidden_test.h"
#include "tests/support/test_cgroup.h"

namespace capmon {
namespace {

using nlohmann::json;
using testing::Contains;
using testing::Not;

const std::vector<std::string> kHeld = {"CAP_SYS_ADMIN", "CAP_NET_RAW"};

// Moves what runs from memory in a container's cgroup "first" to another cgroup, in all
// hierarchies.
bool MoveToOther(const TestCgroup& container, const TestCgroup& to) {
  bool moved = false;
  for (size_t i = 0; i < container.directories().size(); ++i) {
    std::ifstream members(container.directories()[i] + "/first/cgroup.procs");
    for (std::string pid; std::getline(members, pid);) {
      std::error_code ignored;
      const auto exe = std::filesystem::read_symlink("/proc/" + pid + "/exe", ignored);
      if (!exe.string().starts_with("/memfd:walker")) continue;
      moved |= WriteFile(to.directories().at(i) + "/cgroup.procs", pid);
    }
  }
  return moved;
}

// Passes a file to the first process that connects.
class Giver {
 public:
  Giver(const std::string& path, const std::string& file)
      : file_(open(file.c_str(), O_RDONLY | O_CLOEXEC)),
        socket_(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    strncpy(address.sun_path, path.c_str(), sizeof(address.sun_path) - 1);
    good_ = file_ &&
            bind(socket_.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0 &&
            listen(socket_.get(), 1) == 0;
    if (good_) thread_ = std::thread([this] { Give(); });
  }
  ~Giver() {
    shutdown(socket_.get(), SHUT_RDWR);
    if (thread_.joinable()) thread_.join();
  }
  bool good() const { return good_; }

 private:
  void Give() {
    const UniqueFd taker(accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    char byte = 0;
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
    iovec data = {&byte, 1};
    msghdr message = {};
    message.msg_iov = &data;
    message.msg_iovlen = 1;
    message.msg_control = control;
    message.msg_controllen = sizeof(control);
    cmsghdr* const header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    const int file = file_.get();
    memcpy(CMSG_DATA(header), &file, sizeof(file));
    (void)sendmsg(taker.get(), &message, 0);
  }

  UniqueFd file_;
  UniqueFd socket_;
  bool good_ = false;
  std::thread thread_;
};

class HiddenWaysTest : public HiddenTest {
 protected:
  json ProfileWithRawSocket() {
    return ProfileOnce(daemon(), id_, [](const json& now) {
      return Number(Row(now, "CAP_NET_RAW"), "checks") > 0;
    });
  }

  // Runs below /docker/ID/first, and moves to the other cgroup while it waits in memory.
  void RunAndMove(const TestCgroup& container_cgroup, const TestCgroup& to) {
    auto container = RuncContainer::Start({rootfs(),
                                           {"/bin/walker", "memory", "wait", "raw"},
                                           kHeld,
                                           "/docker/" + container_cgroup.id() + "/first"});
    ASSERT_TRUE(container.ok()) << container.status();
    EXPECT_TRUE(Eventually([&] { return MoveToOther(container_cgroup, to); }));
    container->process().CloseInput();
    EXPECT_EQ(container->process().Wait().value_or(-1), 0)
        << container->process().out() << container->process().err();
  }

  // A program of this host that shares its mounts, in a container's cgroup.
  json AfterInHostMounts(const std::vector<std::string>& words) {
    const TestCgroup cgroup;
    id_ = cgroup.id();
    EXPECT_TRUE(Eventually([&] { return daemon().Json({"profile", id_}).is_object(); }));
    std::vector<std::string> command = {CAPMON_BINARY_DIR "/bin/walker"};
    command.insert(command.end(), words.begin(), words.end());
    ProcessOptions inside;
    inside.cgroups = cgroup.directories();
    const Outcome outcome = RunProgram(command, inside);
    EXPECT_EQ(outcome.exit_code, 0) << outcome.out << outcome.err;
    return ProfileWithRawSocket();
  }
};

TEST_F(HiddenWaysTest, AProgramInMemoryThatIsMovedWithinItsContainer) {
  if (!CanRun()) return;
  const TestCgroup container;
  const TestCgroup other("/docker/" + container.id(), "other");
  RunAndMove(container, other);
  id_ = container.id();
  ExpectFoundFromMemory(ProfileWithRawSocket());
}

TEST_F(HiddenWaysTest, AProgramInMemoryThatIsMovedToAnotherContainer) {
  if (!CanRun()) return;
  const TestCgroup container, other;
  RunAndMove(container, other);
  id_ = container.id();
  ExpectFoundFromMemory(ProfileWithRawSocket());
}

TEST_F(HiddenWaysTest, AProgramInMemoryThatIsClonedIntoAnotherCgroup) {
  if (!CanRun()) return;
  const TestCgroup container;
  const std::string path = "/docker/" + container.id();
  const TestCgroup sibling(path, "other"), stranger;
  for (const TestCgroup* to : {&sibling, &stranger}) {
    const std::string into = to == &stranger ? "/docker/" + stranger.id() : path + "/other";
    auto started = RuncContainer::Start(
        {rootfs(), {"/bin/walker", "clone-into", into, "raw"}, kHeld, path + "/first"});
    ASSERT_TRUE(started.ok()) << started.status();
    const int exit_code = started->process().Wait().value_or(-1);
    if (started->process().out().find("clone-into: ") != std::string::npos)
      GTEST_SKIP() << "no v2 hierarchy to clone into: " << started->process().out();
    EXPECT_EQ(exit_code, 0) << started->process().out() << started->process().err();
    id_ = container.id();
    ExpectFoundFromMemory(ProfileWithRawSocket());
  }
}

TEST_F(HiddenWaysTest, AProgramUnderAnotherName) {
  if (!CanRun()) return;
  ExpectFoundFromMemory(After({"raw-renamed"}));
}

TEST_F(HiddenWaysTest, AProgramThatCoversItsOwnFile) {
  if (!CanRun()) return;
  EXPECT_THAT(Keep(After({"cover", "raw"})), Contains("CAP_NET_RAW"));
  EXPECT_THAT(TraitsOfNetRaw(), Not(Contains("from-memory")));
}

TEST_F(HiddenWaysTest, SystemCallsOf32Bits) {
  if (!CanRun()) return;
  EXPECT_THAT(Keep(After({"raw-32"})), Contains("CAP_NET_RAW"));
  ExpectFoundFromMemory(After({"memory", "raw-32"}));
}

TEST_F(HiddenWaysTest, AProgramReceivedFromOutside) {
  if (!CanRun()) return;
  const Giver giver(rootfs() + "/tmp/give", CAPMON_BINARY_DIR "/bin/walker");
  ASSERT_TRUE(giver.good());
  EXPECT_THAT(Keep(After({"received", "raw"})), Contains("CAP_NET_RAW"));
  EXPECT_THAT(TraitsOfNetRaw(), Contains("from-outside"));
}

// Read with the rights of the process that opened it.
TEST_F(HiddenWaysTest, AFileReceivedFromOutsideNeedsNothing) {
  if (!CanRun()) return;
  const Giver giver(rootfs() + "/tmp/give", "/proc/self/pagemap");
  ASSERT_TRUE(giver.good());
  const json profile = After({"read-received"});
  EXPECT_EQ(Keep(profile), std::set<std::string>{}) << profile.dump(1);
  std::set<std::string> verdicts;
  const json row = Row(profile, "CAP_SYS_ADMIN");
  for (const json& evidence : row.at("evidence"))
    if (evidence.at("binary") == "/bin/walker") verdicts.insert(evidence.at("verdict"));
  EXPECT_EQ(verdicts, std::set<std::string>{"foreign"}) << profile.dump(1);
}

TEST_F(HiddenWaysTest, AProgramInTheHostsMounts) {
  if (!CanRun()) return;
  const json profile = AfterInHostMounts({"raw"});
  EXPECT_THAT(Keep(profile), Contains("CAP_NET_RAW")) << profile.dump(1);
  EXPECT_EQ(Number(profile.at("confidence"), "starts"), 1u) << profile.dump(1);
  EXPECT_THAT(TraitsOfNetRaw(), Contains("from-outside"));
  ExpectFoundFromMemory(AfterInHostMounts({"memory", "raw"}));
}

// The runtime's task of a later exec has joined the container's namespaces, and is traced there.
TEST_F(HiddenWaysTest, AProcessOutsideThatAProcessInsideTraces) {
  if (!CanRun()) return;
  const TestCgroup cgroup;
  id_ = cgroup.id();
  ASSERT_TRUE(Eventually([&] { return daemon().Json({"profile", id_}).is_object(); }));
  ProcessOptions inside;
  inside.cgroups = cgroup.directories();
  auto traced = ChildProcess::Start({CAPMON_BINARY_DIR "/bin/walker", "wait", "raw"});
  auto tracer = ChildProcess::Start({CAPMON_BINARY_DIR "/bin/walker", "trace", "wait"}, inside);
  ASSERT_TRUE(traced.ok() && tracer.ok());
  tracer->WriteLine(std::to_string(traced->pid()));
  ASSERT_TRUE(Eventually([&] { return tracer->out().find("trace: done") != std::string::npos; }))
      << tracer->out() << tracer->err();
  traced->CloseInput();
  const json profile = ProfileWithRawSocket();
  EXPECT_THAT(Keep(profile), Contains("CAP_NET_RAW")) << profile.dump(1);
  tracer->CloseInput();  // the tracer first: until it ends, its parent cannot wait for the other
  EXPECT_EQ(tracer->Wait().value_or(-1), 0);
  EXPECT_EQ(traced->Wait().value_or(-1), 0) << traced->out() << traced->err();
}

}  // namespace
}  // namespace capmon
