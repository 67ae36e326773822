// SPDX-License-Identifier: Apache-2.0
// Syslog to a real rsyslog: UDP, TCP, and TLS with client certificates.
#include <gtest/gtest.h>

#include <optional>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "tests/sinks/receivers.h"
#include "tests/support/child_process.h"
#include "tests/support/eventually.h"
#include "tests/support/sample_alerts.h"

namespace capmon {
namespace {

using Protocol = SyslogTarget::Protocol;

constexpr char kConfiguration[] = R"(
global(workDirectory="DIR" maxMessageSize="256k" DefaultNetstreamDriver="ossl"
  DefaultNetstreamDriverCAFile="CERTS/ca.pem" DefaultNetstreamDriverCertFile="CERTS/server.pem"
  DefaultNetstreamDriverKeyFile="CERTS/server.key")
template(name="fields" type="list") {
  property(name="pri") constant(value="\t") property(name="hostname") constant(value="\t")
  property(name="app-name") constant(value="\t") property(name="msgid") constant(value="\t")
  property(name="structured-data") constant(value="\t") property(name="msg") constant(value="\n")
}
module(load="imudp")
module(load="imptcp")
module(load="imtcp" StreamDriver.Name="ossl" StreamDriver.Mode="1"
  StreamDriver.AuthMode="x509/name" PermittedPeer=["capmon.test"])
ruleset(name="out") { action(type="omfile" file="DIR/out" template="fields") }
input(type="imudp" address="127.0.0.1" port="UDP" ruleset="out")
input(type="imptcp" address="127.0.0.1" port="TCP" ruleset="out")
input(type="imtcp" address="127.0.0.1" port="TLS" ruleset="out")
)";

struct Received {
  std::string priority, host, application, message_id, data, text;
};

class Rsyslog : public testing::Test {
 protected:
  void SetUp() override {
    if (!OnPath("rsyslogd")) GTEST_SKIP() << "rsyslogd is not installed";
    const std::string configuration =
        absl::StrReplaceAll(kConfiguration, {{"DIR", directory_.path()},
                                             {"CERTS/", certificates_.file("")},
                                             {"\"UDP\"", absl::StrCat("\"", udp_, "\"")},
                                             {"\"TCP\"", absl::StrCat("\"", tcp_, "\"")},
                                             {"\"TLS\"", absl::StrCat("\"", tls_, "\"")}});
    ASSERT_TRUE(WriteFile(directory_ / "rsyslog.conf", configuration));
    Start();
  }

  void Start() {
    auto started = ChildProcess::Start(
        {"rsyslogd", "-n", "-f", directory_ / "rsyslog.conf", "-i", directory_ / "pid"});
    ASSERT_TRUE(started.ok()) << started.status();
    server_.emplace(*std::move(started));
    ASSERT_TRUE(Eventually([&] { return Listens(tls_) && Listens(tcp_); })) << server_->err();
  }

  void Stop() {
    server_->Signal(SIGTERM);
    EXPECT_TRUE(server_->Wait().ok());
    server_.reset();
  }

  SinkSettings Settings(Protocol protocol) const {
    SyslogTarget target;
    target.protocol = protocol;
    target.host = "127.0.0.1";
    target.port = protocol == Protocol::kUdp ? udp_ : protocol == Protocol::kTcp ? tcp_ : tls_;
    if (protocol == Protocol::kTls) target.tls = certificates_.ClientTls();
    SinkSettings settings;
    settings.name = "siem";
    settings.target = target;
    return settings;
  }

  std::vector<Received> AllReceived() const {
    std::vector<Received> all;
    std::istringstream text(ReadFile(directory_ / "out"));
    for (std::string line; std::getline(text, line);) {
      std::istringstream fields(line);
      Received one;
      for (std::string* field :
           {&one.priority, &one.host, &one.application, &one.message_id, &one.data})
        std::getline(fields, *field, '\t');
      std::getline(fields, one.text);
      all.push_back(one);
    }
    return all;
  }

  void ExpectAllArrive(const SinkSettings& settings, const std::vector<Alert>& alerts) {
    Deliver(*OpenSink(settings), alerts);
    EXPECT_TRUE(Eventually([&] { return AllReceived().size() >= alerts.size(); }));
    const std::vector<Received> received = AllReceived();
    const std::vector<std::string> expected = ExpectedLines(settings, alerts);
    ASSERT_EQ(received.size(), expected.size());
    for (size_t i = 0; i < expected.size(); ++i) {
      EXPECT_EQ(received[i].text, expected[i]);
      EXPECT_EQ(received[i].application, "capmon");
      EXPECT_EQ(received[i].message_id, Name(alerts[i].kind));
      EXPECT_NE(received[i].data.find(absl::StrCat("seq=\"", i + 1, "\"")), std::string::npos);
      EXPECT_NE(received[i].data.find(absl::StrCat("event=\"", alerts[i].event_id, "\"")),
                std::string::npos);
    }
  }

  const Certificates certificates_;
  const TempDir directory_;
  const uint16_t udp_ = FreePort(), tcp_ = FreePort(), tls_ = FreePort();
  std::optional<ChildProcess> server_;
};

TEST_F(Rsyslog, ReceivesEveryAlertOverTlsWithClientCertificates) {
  ExpectAllArrive(Settings(Protocol::kTls), ManyAlerts(300));
  EXPECT_EQ(server_->err(), "") << "an orderly end of TLS is no error";
}

TEST_F(Rsyslog, ReceivesEveryAlertOverTcp) {
  ExpectAllArrive(Settings(Protocol::kTcp), ManyAlerts(300));
}

TEST_F(Rsyslog, ReceivesAlertsOverUdp) { ExpectAllArrive(Settings(Protocol::kUdp), ManyAlerts(8)); }

TEST_F(Rsyslog, ReceivesEveryFormat) {
  for (const AlertFormat format : {AlertFormat::kCef, AlertFormat::kOcsf, AlertFormat::kEcs}) {
    SinkSettings settings = Settings(Protocol::kTls);
    settings.format = format;
    ExpectAllArrive(settings, ManyAlerts(8));
    Stop();
    ASSERT_TRUE(WriteFile(directory_ / "out", ""));
    Start();
  }
}

TEST_F(Rsyslog, GetsNothingWithAnotherCertificate) {
  SinkSettings settings = Settings(Protocol::kTls);
  auto& target = std::get<SyslogTarget>(settings.target);
  const Alert alert = ManyAlerts(1)[0];
  target.tls = certificates_.ClientTls("stranger");
  EXPECT_FALSE(OpenSink(settings)->Test(alert).ok()) << "the server refuses the client";
  target.tls = certificates_.ClientTls();
  target.tls.ca_file = certificates_.file("other-ca.pem");
  EXPECT_TRUE(absl::IsFailedPrecondition(OpenSink(settings)->Test(alert)))
      << "the client refuses the server";
  target.tls = certificates_.ClientTls();
  target.tls.server_name = "other.test";
  EXPECT_TRUE(absl::IsFailedPrecondition(OpenSink(settings)->Test(alert))) << "another name";
  target.tls.server_name = "siem.test";
  EXPECT_TRUE(OpenSink(settings)->Test(alert).ok());
  ASSERT_TRUE(Eventually([&] { return !AllReceived().empty(); }));
  EXPECT_EQ(AllReceived().size(), 1u);
}

TEST_F(Rsyslog, GetsWhatWaitedWhileItWasAway) {
  const auto sink = OpenSink(Settings(Protocol::kTls));
  const std::vector<Alert> alerts = ManyAlerts(40);
  Deliver(*sink, {alerts.begin(), alerts.begin() + 20});
  Stop();
  for (size_t i = 20; i < 40; ++i) EXPECT_TRUE(sink->Put(alerts[i]));
  EXPECT_TRUE(Eventually([&] { return sink->State().failing_since != 0; }));
  Start();
  EXPECT_TRUE(Eventually([&] { return sink->State().spooled == 0; }));
  EXPECT_TRUE(Eventually([&] { return AllReceived().size() >= 40; }));
  const auto expected = ExpectedLines(sink->settings(), alerts);
  const auto received = AllReceived();
  ASSERT_EQ(received.size(), 40u);
  for (size_t i = 0; i < 40; ++i) EXPECT_EQ(received[i].text, expected[i]);
}

}  // namespace
}  // namespace capmon
