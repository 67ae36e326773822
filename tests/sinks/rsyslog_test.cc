// SPDX-License-Identifier: Apache-2.0
// Syslog to a real rsyslog: UDP, TCP, and TLS with client certificates.
#include <gtest/gtest.h>

#include <optional>

#include "absl/strings/str_cat.h"
#include "tests/sinks/receivers.h"
#include "tests/support/child_process.h"
#include "tests/support/eventually.h"
#include "tests/support/rsyslog_server.h"
#include "tests/support/sample_alerts.h"

namespace capmon {
namespace {

using Protocol = SyslogTarget::Protocol;

class Rsyslog : public testing::Test {
 protected:
  void SetUp() override {
    if (!OnPath("rsyslogd")) GTEST_SKIP() << "rsyslogd is not installed";
    server_.emplace(certificates_);
    server_->Start();
  }

  SinkSettings Settings(Protocol protocol) const {
    SyslogTarget target;
    target.protocol = protocol;
    target.host = "127.0.0.1";
    target.port = protocol == Protocol::kUdp   ? server_->udp()
                  : protocol == Protocol::kTcp ? server_->tcp()
                                               : server_->tls();
    if (protocol == Protocol::kTls) target.tls = certificates_.ClientTls();
    SinkSettings settings;
    settings.name = "siem";
    settings.target = target;
    return settings;
  }

  void ExpectAllArrive(const SinkSettings& settings, const std::vector<Alert>& alerts) {
    Deliver(*OpenSink(settings), alerts);
    EXPECT_TRUE(Eventually([&] { return server_->Received().size() >= alerts.size(); }));
    const std::vector<SyslogRecord> received = server_->Received();
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
  std::optional<RsyslogServer> server_;
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
    server_->Stop();
    server_->Forget();
    server_->Start();
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
  ASSERT_TRUE(Eventually([&] { return !server_->Received().empty(); }));
  EXPECT_EQ(server_->Received().size(), 1u);
}

TEST_F(Rsyslog, GetsWhatWaitedWhileItWasAway) {
  const auto sink = OpenSink(Settings(Protocol::kTls));
  const std::vector<Alert> alerts = ManyAlerts(40);
  Deliver(*sink, {alerts.begin(), alerts.begin() + 20});
  server_->Stop();
  for (size_t i = 20; i < 40; ++i) EXPECT_TRUE(sink->Put(alerts[i]));
  EXPECT_TRUE(Eventually([&] { return sink->State().failing_since != 0; }));
  server_->Start();
  EXPECT_TRUE(Eventually([&] { return sink->State().spooled == 0; }));
  EXPECT_TRUE(Eventually([&] { return server_->Received().size() >= 40; }));
  const auto expected = ExpectedLines(sink->settings(), alerts);
  const auto received = server_->Received();
  ASSERT_EQ(received.size(), 40u);
  for (size_t i = 0; i < 40; ++i) EXPECT_EQ(received[i].text, expected[i]);
}

}  // namespace
}  // namespace capmon
