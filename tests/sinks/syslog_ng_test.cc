// SPDX-License-Identifier: Apache-2.0
// Syslog over TLS with client certificates to a real syslog-ng with the configuration of
// docs/siem/syslog-ng.md.
#include <gtest/gtest.h>
#include <signal.h>

#include <optional>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "generated/build_paths.h"
#include "tests/sinks/receivers.h"
#include "tests/support/child_process.h"
#include "tests/support/eventually.h"

namespace capmon {
namespace {

constexpr char kDocument[] = CAPMON_SOURCE_DIR "/docs/siem/syslog-ng.md";

// The first block of code after a heading.
std::string BlockBelow(const std::string& heading) {
  const std::string document = ReadFile(kDocument);
  const size_t begin = document.find("\n```", document.find(heading + "\n"));
  const size_t line = document.find('\n', begin + 1) + 1;
  return document.substr(line, document.find("```", line) - line);
}

// What the document says of the parts of a message, as one more destination. A hostile rule has
// a line break, later in its text.
constexpr char kParts[] = R"(
template t_parts {
  template("$PROGRAM\t$MSGID\t${.SDATA.capmon@32473.seq}\t$(substr ${.capmon.rule.id} 0 5)\n");
};
destination d_parts { file("DIR/parts" template(t_parts)); };
log { source(s_capmon); parser(p_json); destination(d_parts); };
)";

class SyslogNg : public testing::Test {
 protected:
  void SetUp() override {
    const Outcome fetched = RunProgram({TestSource("fetch_syslog_ng.sh")});
    if (fetched.exit_code == 77) GTEST_SKIP() << fetched.err;
    ASSERT_EQ(fetched.exit_code, 0) << fetched.err;
    const std::string configuration =
        absl::StrReplaceAll(absl::StrCat("@version: 3.38\n", BlockBelow("## In syslog-ng"), kParts),
                            {{"/etc/syslog-ng/", certificates_.file("")},
                             {"/var/log/capmon.log", directory_ / "out"},
                             {"DIR", directory_.path()},
                             {"port(6514)", absl::StrCat("ip(\"127.0.0.1\") port(", port_, ")")}});
    ASSERT_TRUE(WriteFile(directory_ / "syslog-ng.conf", configuration));
    const std::string program(absl::StripTrailingAsciiWhitespace(fetched.out));
    auto started = ChildProcess::Start({program, "--foreground", "--stderr", "--no-caps",
                                        "--cfgfile", directory_ / "syslog-ng.conf",
                                        "--persist-file", directory_ / "persist", "--pidfile",
                                        directory_ / "pid", "--control", directory_ / "control"});
    ASSERT_TRUE(started.ok()) << started.status();
    server_.emplace(*std::move(started));
    ASSERT_TRUE(Eventually([&] { return Listens(port_) || !server_->Running(); }));
    ASSERT_TRUE(server_->Running()) << server_->err();
  }

  SinkSettings Settings() const {
    SyslogTarget target;
    target.protocol = SyslogTarget::Protocol::kTls;
    target.host = "127.0.0.1";
    target.port = port_;
    target.tls = certificates_.ClientTls();
    SinkSettings settings;
    settings.name = "syslog-ng";
    settings.target = target;
    return settings;
  }

  std::vector<std::string> Lines(const std::string& file) const {
    std::vector<std::string> lines = absl::StrSplit(ReadFile(directory_ / file), '\n');
    lines.pop_back();
    return lines;
  }

  const Certificates certificates_;
  const TempDir directory_;
  const uint16_t port_ = FreePort();
  std::optional<ChildProcess> server_;
};

TEST_F(SyslogNg, ReceivesEveryAlertAsTheDocumentSays) {
  const std::vector<Alert> alerts = ManyAlerts(300);
  const SinkSettings settings = Settings();
  Deliver(*OpenSink(settings), alerts);
  EXPECT_TRUE(Eventually([&] {
    return Lines("out").size() >= alerts.size() && Lines("parts").size() >= alerts.size();
  })) << Lines("out").size()
      << server_->err();
  EXPECT_EQ(Lines("out"), ExpectedLines(settings, alerts));
  const std::vector<std::string> parts = Lines("parts");
  ASSERT_EQ(parts.size(), alerts.size());
  for (size_t i = 0; i < alerts.size(); ++i) {
    EXPECT_EQ(parts[i], absl::StrCat("capmon\t", Name(alerts[i].kind), "\t", i + 1, "\t",
                                     alerts[i].rule.substr(0, 5)));
  }
}

TEST_F(SyslogNg, GetsNothingWithAnotherCertificate) {
  SinkSettings settings = Settings();
  auto& target = std::get<SyslogTarget>(settings.target);
  const Alert alert = ManyAlerts(1)[0];
  target.tls = certificates_.ClientTls("stranger");
  EXPECT_FALSE(OpenSink(settings)->Test(alert).ok());
  target.tls = certificates_.ClientTls();
  EXPECT_TRUE(OpenSink(settings)->Test(alert).ok());
  ASSERT_TRUE(Eventually([&] { return !Lines("out").empty(); }));
  EXPECT_EQ(Lines("out").size(), 1u);
}

}  // namespace
}  // namespace capmon
