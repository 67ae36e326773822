// SPDX-License-Identifier: Apache-2.0
// Completion in real shells on a terminal, with Tab.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <optional>
#include <string>
#include <vector>

#include "daemon/base/unique_fd.h"
#include "generated/build_paths.h"
#include "tests/e2e/sample_recording.h"
#include "tests/support/capmon_daemon.h"
#include "tests/support/eventually.h"
#include "tests/support/temp_dir.h"

namespace capmon {
namespace {

struct Shell {
  std::string name;
  std::vector<std::string> command;
  std::string setup;
};

const std::vector<Shell> kShells = {
    {"bash", {"bash", "--norc", "--noprofile", "-i"}, "source <(capmon completion bash)"},
    {"zsh",
     {"zsh", "-f", "-i"},
     "autoload -Uz compinit; compinit -u -D; source <(capmon completion zsh)"},
    {"fish", {"fish", "--private", "--no-config", "-i"}, "capmon completion fish | source"},
};

// A shell on a terminal of its own.
class Terminal {
 public:
  Terminal(const Shell& shell, const std::string& home) {
    std::vector<char*> argv;
    for (const std::string& word : shell.command) argv.push_back(const_cast<char*>(word.c_str()));
    argv.push_back(nullptr);
    const std::string path = CAPMON_BINARY_DIR "/bin:" + std::string(std::getenv("PATH"));
    winsize size = {.ws_row = 50, .ws_col = 200, .ws_xpixel = 0, .ws_ypixel = 0};
    int master = -1;
    pid_ = forkpty(&master, nullptr, nullptr, &size);
    if (pid_ == 0) {
      setenv("PATH", path.c_str(), 1);
      setenv("HOME", home.c_str(), 1);
      setenv("TERM", "xterm", 1);
      execvp(argv[0], argv.data());
      _exit(127);
    }
    master_.Reset(master);
  }
  ~Terminal() {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }

  // Returns true if `wanted` is shown after `keys`.
  bool Type(const std::string& keys, const std::string& wanted) {
    shown_.clear();
    EXPECT_EQ(write(master_.get(), keys.data(), keys.size()), static_cast<ssize_t>(keys.size()));
    return Eventually([&] {
      Read();
      return shown_.find(wanted) != shown_.npos;
    });
  }
  const std::string& shown() const { return shown_; }

 private:
  void Read() {
    std::array<char, 4096> part;
    pollfd ready = {master_.get(), POLLIN, 0};
    while (poll(&ready, 1, 0) > 0 && (ready.revents & POLLIN) != 0) {
      const ssize_t size = read(master_.get(), part.data(), part.size());
      if (size <= 0) return;
      shown_.append(part.data(), static_cast<size_t>(size));
    }
  }
  pid_t pid_ = -1;
  UniqueFd master_;
  std::string shown_;
};

class ShellCompletionTest : public testing::TestWithParam<Shell> {
 protected:
  void SetUp() override {
    if (!OnPath(GetParam().name)) GTEST_SKIP() << "needs " << GetParam().name;
    ASSERT_TRUE(WriteFile(directory_ / "recording", SampleRecording()));
    auto daemon = CapmonDaemon::Start(directory_.path(), {"--replay", directory_ / "recording"});
    ASSERT_TRUE(daemon.ok()) << daemon.status();
    daemon_.emplace(*std::move(daemon));
    terminal_.emplace(GetParam(), directory_.path());
    // Split, so that only its output matches.
    ASSERT_TRUE(terminal_->Type(GetParam().setup + "; echo re''ady\n", "ready\r\n"))
        << terminal_->shown();
  }
  void Expect(const std::string& keys, const std::string& wanted) {
    EXPECT_TRUE(terminal_->Type(keys, wanted)) << keys << "\n" << terminal_->shown();
  }

  TempDir directory_;
  std::optional<CapmonDaemon> daemon_;
  std::optional<Terminal> terminal_;
};

// Each line works only if Tab adds the right text.
TEST_P(ShellCompletionTest, CommandsOptionsValuesAndCapabilities) {
  Expect("capmon enc\tnet_ra\t\n", "0x0000000000002000");
  Expect("capmon decode --output-format=wi\t 1\n", "0x0000000000000001=CAP_CHOWN");
  Expect("capmon -o wi\tenc\tchown,net_ra\t\n", "0x0000000000002001");
  Expect("capmon files /us\t --max-fi\t1\n", "a limit was reached");
}

TEST_P(ShellCompletionTest, ContainersOfTheDaemonNamed) {
  Expect("capmon --address " + daemon_->address() + " explain aaaa1\tSYS_TI\t -o json\n",
         kRecordedId);
}

TEST_P(ShellCompletionTest, NoDaemonIsNoNoise) {
  Expect("capmon --address unix:///nowhere explain aaaa1\t; echo do''ne\n", "done\r\n");
  EXPECT_EQ(terminal_->shown().find("__complete"), std::string::npos) << terminal_->shown();
}

INSTANTIATE_TEST_SUITE_P(Shells, ShellCompletionTest, testing::ValuesIn(kShells),
                         [](const auto& each) { return each.param.name; });

}  // namespace
}  // namespace capmon
