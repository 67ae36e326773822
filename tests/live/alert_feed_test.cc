// SPDX-License-Identifier: Apache-2.0
// Alerts end to end: an intruder in a container of a real Docker, and a real rsyslog that gets the
// alert over TLS with client certificates.
#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <iostream>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "generated/build_paths.h"
#include "tests/live/docker_watched_test.h"
#include "tests/live/profile_json.h"
#include "tests/support/eventually.h"
#include "tests/support/rsyslog_server.h"

namespace capmon {
namespace {

using nlohmann::json;

constexpr char kReady[] = "echo ready; exec cat";

std::string RuleOf(const json& alert) {
  return alert.value("rule", json::object()).value("id", "");
}

struct Arrived {
  SyslogRecord record;
  json alert;
};

class AlertFeedTest : public DockerWatchedTest {
 protected:
  void SetUp() override {
    if (!OnPath("rsyslogd")) GTEST_SKIP() << "needs rsyslogd";
    if (!receiver_) {
      certificates_ = std::make_unique<Certificates>();
      receiver_ = std::make_unique<RsyslogServer>(*certificates_);
      receiver_->Start();
    }
    DockerWatchedTest::SetUp();
  }
  static void TearDownTestSuite() {
    DockerWatchedTest::TearDownTestSuite();
    receiver_.reset();
    certificates_.reset();
  }
  void AddFiles(const std::string& rootfs) override {
    std::filesystem::copy_file(CAPMON_BINARY_DIR "/bin/ways_out", rootfs + "/bin/ways_out");
  }
  std::vector<std::string> DaemonFlags() override {
    const TlsSettings tls = certificates_->ClientTls();
    const std::string settings = directory() / "capmond.yaml";
    EXPECT_TRUE(WriteFile(
        settings,
        absl::StrCat("sinks:\n  - name: siem\n    type: syslog\n    address: tls://127.0.0.1:",
                     receiver_->tls(), "\n    format: native\n    tls:\n      ca_file: ",
                     tls.ca_file, "\n      certificate_file: ", tls.certificate_file,
                     "\n      key_file: ", tls.key_file, "\n")));
    return {"--config", settings};
  }

  // Starts a container that waits, and returns when capmond knows its name.
  void RunWaiting(const std::string& name, const std::vector<std::string>& flags) {
    Run(name, flags, {"/bin/sh", "-c", kReady});
    ASSERT_TRUE(Eventually([&] { return daemon().Json({"profile", name}).is_object(); }));
  }
  static Outcome Exec(const std::string& name, const std::vector<std::string>& command) {
    std::vector<std::string> line = {"exec", name};
    line.insert(line.end(), command.begin(), command.end());
    return docker().Docker(line);
  }
  // Waits for an alert of a rule about a container at the receiver.
  static std::optional<Arrived> Received(const std::string& name, const std::string& rule) {
    std::optional<Arrived> found;
    EXPECT_TRUE(Eventually(
        [&] {
          for (const SyslogRecord& record : receiver_->Received()) {
            json alert = json::parse(record.text, nullptr, /*allow_exceptions=*/false);
            if (!alert.is_object() || RuleOf(alert) != rule) continue;
            if (alert.at("container").value("name", "") == name) found = {record, alert};
            if (found) return true;
          }
          return false;
        },
        std::chrono::seconds(15)))
        << "no " << rule << " of " << name << "; capmond has\n"
        << daemon().Capmon({"alerts"}).out << daemon().Capmon({"sink", "list"}).out;
    return found;
  }

  // Everything a person needs to act, whatever the kernel decided.
  static void ExpectWhole(const Arrived& arrived, const std::string& name) {
    const json& alert = arrived.alert;
    EXPECT_EQ(arrived.record.application, "capmon");
    EXPECT_NE(arrived.record.data.find("rule=\"" + RuleOf(alert) + "\""), std::string::npos)
        << arrived.record.data;
    const json container = alert.at("container");
    EXPECT_EQ(container.value("name", ""), name);
    EXPECT_EQ(container.value("image", ""), kImage);
    EXPECT_EQ(container.value("runtime", ""), "docker");
    EXPECT_EQ(container.value("id", "").size(), 64u);
    EXPECT_FALSE(alert.value("next", "").empty()) << alert.dump(1);
  }
  static std::set<std::string> Techniques(const json& alert) {
    std::set<std::string> ids;
    for (const json& technique : alert.at("techniques")) ids.insert(technique.at("id"));
    return ids;
  }

 private:
  static inline std::unique_ptr<Certificates> certificates_;
  static inline std::unique_ptr<RsyslogServer> receiver_;
};

// Prints how long after the call the receiver had the alert. `printed`: what "ways_out now" wrote
// before the shell became the program that made the call.
void PrintDelay(const std::string& of, const std::string& printed, const SyslogRecord& record) {
  const size_t now = printed.find("now ");
  ASSERT_NE(now, std::string::npos) << printed;
  const absl::Time called = absl::FromUnixNanos(std::stoll(printed.substr(now + 4)));
  absl::Time received;
  std::string error;
  ASSERT_TRUE(absl::ParseTime(absl::RFC3339_full, record.received, &received, &error)) << error;
  const int64_t milliseconds = absl::ToInt64Milliseconds(received - called);
  std::cout << of << ": at the receiver " << milliseconds << " ms after the system call\n";
}

// A shell that becomes a program with a packet socket, which stays where it gets one.
constexpr char kHijack[] = "/bin/ways_out now; exec udhcpc -f -i lo -t 1000 -s /bin/true";

TEST_F(AlertFeedTest, AShellOpensAPacketSocket) {
  if (!CanRun()) return;
  RunWaiting("hijacked", {});
  ASSERT_EQ(daemon().Capmon({"baseline", "hijacked"}).exit_code, 0);
  auto shell = ChildProcess::Start({"docker", "-H", "unix://" + docker().socket(), "exec",
                                    "hijacked", "/bin/sh", "-c", kHijack});
  ASSERT_TRUE(shell.ok()) << shell.status();
  const std::optional<Arrived> arrived = Received("hijacked", "CM010");
  ASSERT_TRUE(arrived) << shell->out() << shell->err();
  ExpectWhole(*arrived, "hijacked");
  const json& alert = arrived->alert;
  EXPECT_EQ(arrived->record.message_id, "new_capability");
  EXPECT_EQ(alert.at("check").value("capability", ""), "CAP_NET_RAW") << alert.dump(1);
  EXPECT_EQ(alert.at("check").value("decision", ""), "granted");
  EXPECT_EQ(alert.value("syscall", ""), "socket");
  EXPECT_EQ(alert.at("process").value("executable", ""), "/bin/busybox") << alert.dump(1);
  EXPECT_EQ(alert.at("process").value("name", ""), "udhcpc");
  EXPECT_EQ(alert.at("process").value("command_line", "").find("udhcpc -f -i lo"), 0u);
  EXPECT_TRUE(Techniques(alert).contains("T1040")) << alert.dump(1);
  PrintDelay("granted", shell->out(), arrived->record);
}

// The program ends at once, so that only the kernel's record says what it was.
TEST_F(AlertFeedTest, AShellIsDeniedAPacketSocket) {
  if (!CanRun()) return;
  RunWaiting("dropped", {"--cap-drop", "NET_RAW"});
  const Outcome shell = Exec("dropped", {"/bin/sh", "-c", kHijack});
  const std::optional<Arrived> arrived = Received("dropped", "CM004");
  ASSERT_TRUE(arrived) << shell.out << shell.err;
  ExpectWhole(*arrived, "dropped");
  const json& alert = arrived->alert;
  EXPECT_EQ(arrived->record.message_id, "denied_capability");
  EXPECT_EQ(alert.at("check").value("capability", ""), "CAP_NET_RAW") << alert.dump(1);
  EXPECT_EQ(alert.at("check").value("decision", ""), "denied");
  EXPECT_EQ(alert.value("syscall", ""), "socket");
  EXPECT_TRUE(alert.value("binary", "").ends_with("busybox")) << alert.dump(1);
  EXPECT_TRUE(Techniques(alert).contains("T1040")) << alert.dump(1);
  PrintDelay("denied", shell.out, arrived->record);
}

// The ways out of docs/alert-rules.md, by the same program in one container.
struct WayOut {
  const char* word;
  const char* rule;
  const char* syscall;
  const char* technique;
};
constexpr WayOut kWaysOut[] = {
    {"mount", "CM011", "mount", "T1611"},      {"module", "CM012", "init_module", "T1547.006"},
    {"trace", "CM013", "ptrace", "T1055.008"}, {"handle", "CM014", "open_by_handle_at", "T1611"},
    {"ports", "CM015", "ioperm", "T1611"},     {"bpf", "CM016", "bpf", "T1014"}};

std::vector<std::string> AllWays() {
  std::vector<std::string> command = {"/bin/ways_out"};
  for (const WayOut& way : kWaysOut) command.push_back(way.word);
  return command;
}

bool Unsupported(const std::string& printed, const WayOut& way) {
  return printed.find(absl::StrCat(way.word, " failed: Function not implemented")) !=
         std::string::npos;
}

TEST_F(AlertFeedTest, EachWayOutArrives) {
  if (!CanRun()) return;
  std::vector<std::string> flags = {"--security-opt", "seccomp=unconfined"};
  for (const char* const added :
       {"SYS_ADMIN", "SYS_MODULE", "SYS_PTRACE", "DAC_READ_SEARCH", "SYS_RAWIO"})
    flags.insert(flags.end(), {"--cap-add", added});
  RunWaiting("escaping", flags);
  const Outcome intruder = Exec("escaping", AllWays());
  for (const WayOut& way : kWaysOut) {
    if (Unsupported(intruder.out, way)) continue;
    const std::optional<Arrived> arrived = Received("escaping", way.rule);
    ASSERT_TRUE(arrived) << intruder.out;
    ExpectWhole(*arrived, "escaping");
    EXPECT_EQ(arrived->alert.at("check").value("decision", ""), "granted") << way.word;
    EXPECT_EQ(arrived->alert.value("syscall", ""), way.syscall);
    EXPECT_EQ(arrived->alert.value("binary", ""), "/bin/ways_out");
    EXPECT_TRUE(Techniques(arrived->alert).contains(way.technique)) << arrived->alert.dump(1);
  }
  const std::optional<Arrived> several = Received("escaping", "CM017");
  ASSERT_TRUE(several);
  ExpectWhole(*several, "escaping");
  EXPECT_EQ(several->alert.value("severity", ""), "critical");
}

TEST_F(AlertFeedTest, EachWayOutArrivesDenied) {
  if (!CanRun()) return;
  RunWaiting("held", {"--security-opt", "seccomp=unconfined"});
  const Outcome intruder = Exec("held", AllWays());
  for (const WayOut& way : kWaysOut) {
    if (Unsupported(intruder.out, way)) continue;
    const std::optional<Arrived> arrived = Received("held", way.rule);
    ASSERT_TRUE(arrived) << intruder.out;
    ExpectWhole(*arrived, "held");
    EXPECT_EQ(arrived->alert.at("check").value("decision", ""), "denied") << way.word;
    EXPECT_EQ(arrived->alert.value("syscall", ""), way.syscall);
  }
}

}  // namespace
}  // namespace capmon
