// SPDX-License-Identifier: Apache-2.0
#include "tests/support/rsyslog_server.h"

#include <gtest/gtest.h>
#include <signal.h>

#include <sstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "tests/support/eventually.h"

namespace capmon {
namespace {

constexpr char kConfiguration[] = R"(
global(workDirectory="DIR" maxMessageSize="256k" DefaultNetstreamDriver="ossl"
  DefaultNetstreamDriverCAFile="CERTS/ca.pem" DefaultNetstreamDriverCertFile="CERTS/server.pem"
  DefaultNetstreamDriverKeyFile="CERTS/server.key")
template(name="fields" type="list") {
  property(name="timegenerated" dateFormat="rfc3339") constant(value="\t")
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

}  // namespace

RsyslogServer::RsyslogServer(const Certificates& certificates) {
  const std::string configuration =
      absl::StrReplaceAll(kConfiguration, {{"DIR", directory_.path()},
                                           {"CERTS/", certificates.file("")},
                                           {"\"UDP\"", absl::StrCat("\"", udp_, "\"")},
                                           {"\"TCP\"", absl::StrCat("\"", tcp_, "\"")},
                                           {"\"TLS\"", absl::StrCat("\"", tls_, "\"")}});
  EXPECT_TRUE(WriteFile(directory_ / "rsyslog.conf", configuration));
}

void RsyslogServer::Start() {
  auto started = ChildProcess::Start(
      {"rsyslogd", "-n", "-f", directory_ / "rsyslog.conf", "-i", directory_ / "pid"});
  ASSERT_TRUE(started.ok()) << started.status();
  process_.emplace(*std::move(started));
  ASSERT_TRUE(Eventually([&] { return Listens(tls_) && Listens(tcp_); })) << process_->err();
}

void RsyslogServer::Stop() {
  process_->Signal(SIGTERM);
  EXPECT_TRUE(process_->Wait().ok());
  process_.reset();
}

std::vector<SyslogRecord> RsyslogServer::Received() const {
  std::vector<SyslogRecord> all;
  std::istringstream text(ReadFile(directory_ / "out"));
  for (std::string line; std::getline(text, line);) {
    if (text.eof()) break;  // not all of it is written yet
    std::istringstream fields(line);
    SyslogRecord one;
    for (std::string* field :
         {&one.received, &one.priority, &one.host, &one.application, &one.message_id, &one.data})
      std::getline(fields, *field, '\t');
    std::getline(fields, one.text);
    all.push_back(one);
  }
  return all;
}

void RsyslogServer::Forget() { EXPECT_TRUE(WriteFile(directory_ / "out", "")); }

}  // namespace capmon
