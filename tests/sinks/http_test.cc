// SPDX-License-Identifier: Apache-2.0
// HTTP to a server that answers as the products do, badly, or not at all.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "tests/sinks/receivers.h"
#include "tests/support/child_process.h"
#include "tests/support/eventually.h"
#include "tests/support/sample_alerts.h"

namespace capmon {
namespace {

using Json = nlohmann::json;
using Preset = HttpTarget::Preset;

class Http : public testing::Test {
 protected:
  void Start(bool tls = false) {
    if (!OnPath("python3")) GTEST_SKIP() << "python3 is not installed";
    std::vector<std::string> command = {TestSource("http_receiver.py"), directory_.path()};
    if (tls) {
      certificates_.emplace();
      for (const char* name : {"server.pem", "server.key", "ca.pem"})
        command.push_back(certificates_->file(name));
    }
    auto started = ChildProcess::Start(command);
    ASSERT_TRUE(started.ok()) << started.status();
    server_.emplace(*std::move(started));
    ASSERT_TRUE(Eventually([&] { return server_->out().find('\n') != std::string::npos; }))
        << server_->err();
    url_ = absl::StrCat(tls ? "https" : "http", "://127.0.0.1:", std::stoi(server_->out()));
  }

  SinkSettings Settings(Preset preset = Preset::kPlain, const std::string& path = "") const {
    HttpTarget target;
    target.preset = preset;
    target.url = url_ + path;
    SinkSettings settings;
    settings.name = "siem";
    settings.target = target;
    return settings;
  }

  void Fault(const std::string& words) { ASSERT_TRUE(WriteFile(directory_ / "faults", words)); }

  std::vector<Json> Requests(const std::string& path = "") const {
    std::vector<Json> requests;
    std::istringstream text(ReadFile(directory_ / "requests"));
    for (std::string line; std::getline(text, line);) {
      requests.push_back(Json::parse(line));
      if (!path.empty() && requests.back()["path"] != path) requests.pop_back();
    }
    return requests;
  }

  const TempDir directory_;
  std::optional<Certificates> certificates_;
  std::optional<ChildProcess> server_;
  std::string url_;
};

HttpTarget& TargetOf(SinkSettings& settings) { return std::get<HttpTarget>(settings.target); }

TEST_F(Http, PostsEveryAlertAsItIs) {
  Start();
  for (const AlertFormat format : {AlertFormat::kNative, AlertFormat::kOcsf, AlertFormat::kCef}) {
    WriteFile(directory_ / "requests", "");
    SinkSettings settings = Settings();
    settings.format = format;
    const std::vector<Alert> alerts = ManyAlerts(60);
    Deliver(*OpenSink(settings), alerts);
    const std::vector<std::string> expected = ExpectedLines(settings, alerts);
    const std::vector<Json> requests = Requests();
    ASSERT_EQ(requests.size(), expected.size());
    for (size_t i = 0; i < expected.size(); ++i) EXPECT_EQ(requests[i]["body"], expected[i]);
  }
}

TEST_F(Http, SendsHeadersSecretsAndCompressedBodiesOverTls) {
  Start(/*tls=*/true);
  ASSERT_TRUE(WriteFile(directory_ / "token", "s3cret\n"));
  SinkSettings settings = Settings();
  TargetOf(settings).tls = certificates_->ClientTls();
  TargetOf(settings).headers = {{"X-Scope", "team a"}};
  TargetOf(settings).token = {"file:" + directory_ / "token"};
  TargetOf(settings).gzip = true;
  const std::vector<Alert> alerts = ManyAlerts(20);
  Deliver(*OpenSink(settings), alerts);
  const std::vector<Json> requests = Requests();
  ASSERT_EQ(requests.size(), 20u);
  EXPECT_EQ(requests[7]["body"], ExpectedLines(settings, alerts)[7]);
  EXPECT_EQ(requests[7]["headers"]["X-Scope"], "team a");
  EXPECT_EQ(requests[7]["headers"]["Authorization"], "Bearer s3cret");
  EXPECT_EQ(requests[7]["headers"]["Content-Encoding"], "gzip");
}

TEST_F(Http, TalksToNobodyWithAnotherCertificate) {
  Start(/*tls=*/true);
  SinkSettings settings = Settings();
  const Alert alert = ManyAlerts(1)[0];
  TargetOf(settings).tls = certificates_->ClientTls("stranger");
  EXPECT_FALSE(OpenSink(settings)->Test(alert).ok());
  TargetOf(settings).tls = certificates_->ClientTls();
  TargetOf(settings).tls.ca_file = certificates_->file("other-ca.pem");
  EXPECT_TRUE(absl::IsFailedPrecondition(OpenSink(settings)->Test(alert)));
  TargetOf(settings).tls = certificates_->ClientTls();
  TargetOf(settings).tls.server_name = "other.test";
  EXPECT_TRUE(absl::IsFailedPrecondition(OpenSink(settings)->Test(alert)));
  EXPECT_TRUE(Requests().empty());
  TargetOf(settings).tls.server_name = "siem.test";
  EXPECT_TRUE(OpenSink(settings)->Test(alert).ok());
  EXPECT_EQ(Requests().size(), 1u);
}

TEST_F(Http, TriesAgainAfterFaultsAndKeepsTheOrder) {
  Start();
  Fault("429 500 close 503 hang 502 408");
  SinkSettings settings = Settings();
  TargetOf(settings).timeout = std::chrono::milliseconds(500);
  const auto sink = OpenSink(settings);
  const std::vector<Alert> alerts = ManyAlerts(10);
  for (const Alert& alert : alerts) EXPECT_TRUE(sink->Put(alert));
  EXPECT_TRUE(Eventually([&] {
    (void)sink->Flush(std::chrono::milliseconds(200));  // does not wait for the back-off
    return sink->State().delivered == 10;
  }));
  const std::vector<std::string> expected = ExpectedLines(settings, alerts);
  const std::vector<Json> requests = Requests();
  ASSERT_EQ(requests.size(), 10u);
  for (size_t i = 0; i < 10; ++i) EXPECT_EQ(requests[i]["body"], expected[i]);
  // libcurl itself repeats what met a connection that was just being closed.
  EXPECT_GE(sink->State().retries, 6u);
  EXPECT_EQ(sink->State().refused, 0u);
}

TEST_F(Http, SetsPoisonAsideAndGoesOn) {
  Start();
  std::vector<Alert> alerts = ManyAlerts(10);
  alerts[3].message = "poison";
  for (const Preset preset : {Preset::kPlain, Preset::kSplunk, Preset::kElastic}) {
    WriteFile(directory_ / "requests", "");
    const auto sink = OpenSink(Settings(preset));
    for (const Alert& alert : alerts) EXPECT_TRUE(sink->Put(alert));
    ASSERT_TRUE(Eventually([&] { return sink->State().delivered == 9; }))
        << sink->State().last_error;
    EXPECT_EQ(sink->State().refused, 1u);
    EXPECT_NE(sink->State().last_refusal, "");
    EXPECT_EQ(sink->State().spooled, 0u);
  }
}

TEST_F(Http, WaitsForAPersonWhereThePasswordOrTheAddressIsWrong) {
  Start();
  for (const char* code : {"401", "403", "404", "301"}) {
    Fault(code);
    const auto sink = OpenSink(Settings());
    EXPECT_TRUE(sink->Put(ManyAlerts(1)[0]));
    ASSERT_TRUE(Eventually([&] { return sink->State().failing_since != 0; }));
    EXPECT_NE(sink->State().last_error.find(code), std::string::npos);
    EXPECT_EQ(sink->State().spooled, 1u) << "nothing is thrown away";
    EXPECT_TRUE(sink->Flush(std::chrono::seconds(30)).ok());
  }
}

TEST_F(Http, SpeaksToSplunkAndWaitsForItsAcknowledgement) {
  Start();
  ASSERT_TRUE(WriteFile(directory_ / "token", "11111111-2222"));
  SinkSettings settings = Settings(Preset::kSplunk);
  TargetOf(settings).acknowledge = true;
  TargetOf(settings).index = "security";
  TargetOf(settings).token = {"file:" + directory_ / "token"};
  const std::vector<Alert> alerts = ManyAlerts(20);
  Deliver(*OpenSink(settings), alerts);
  std::vector<Json> events;
  std::string channel;
  for (const Json& request : Requests("/services/collector/event")) {
    EXPECT_EQ(request["headers"]["Authorization"], "Splunk 11111111-2222");
    channel = request["headers"]["X-Splunk-Request-Channel"];
    std::istringstream body(request["body"].get<std::string>());
    for (Json event; body >> std::ws && body.peek() != EOF;) {
      body >> event;
      events.push_back(event);
    }
  }
  const std::vector<std::string> expected = ExpectedLines(settings, alerts);
  ASSERT_EQ(events.size(), expected.size());
  for (size_t i = 0; i < expected.size(); ++i) {
    EXPECT_EQ(events[i]["event"], Json::parse(expected[i]));
    EXPECT_EQ(events[i]["index"], "security");
    EXPECT_EQ(events[i]["sourcetype"], "capmon:alert");
    EXPECT_EQ(events[i]["fields"]["event_id"], alerts[i].event_id);
    EXPECT_EQ(std::stoll(events[i]["time"].get<std::string>()), alerts[i].last / kSecond);
  }
  EXPECT_GE(Requests("/services/collector/ack?channel=" + channel).size(), 2u);
}

TEST_F(Http, SpeaksToElasticWhichIgnoresDuplicates) {
  Start();
  SinkSettings settings = Settings(Preset::kElastic);
  settings.format = AlertFormat::kEcs;
  TargetOf(settings).index = "logs-capmon";
  const std::vector<Alert> alerts = ManyAlerts(20);
  Deliver(*OpenSink(settings), alerts);
  const auto again = OpenSink(settings);  // the same ids
  Deliver(*again, alerts);
  EXPECT_TRUE(Eventually([&] { return again->State().delivered == 20; }));
  EXPECT_EQ(again->State().refused, 0u);
  std::vector<Json> documents;
  std::set<std::string> ids;
  for (const Json& request : Requests("/_bulk")) {
    std::istringstream body(request["body"].get<std::string>());
    for (std::string action, document;
         std::getline(body, action) && std::getline(body, document);) {
      EXPECT_EQ(Json::parse(action)["create"]["_index"], "logs-capmon");
      if (ids.insert(Json::parse(action)["create"]["_id"]).second)
        documents.push_back(Json::parse(document));
    }
  }
  const std::vector<std::string> expected = ExpectedLines(settings, alerts);
  ASSERT_EQ(documents.size(), expected.size());
  for (size_t i = 0; i < expected.size(); ++i) EXPECT_EQ(documents[i], Json::parse(expected[i]));
}

TEST_F(Http, SpeaksToFalcosidekick) {
  Start();
  const SinkSettings settings = Settings(Preset::kFalcosidekick, "/falco");
  const auto sink = OpenSink(settings);
  Deliver(*sink, ManyAlerts(20));
  EXPECT_TRUE(Eventually([&] { return sink->State().delivered == 20; }));
  EXPECT_EQ(sink->State().refused, 0u) << sink->State().last_refusal;
  EXPECT_EQ(Requests("/falco").size(), 20u);
}

TEST_F(Http, ChatsWithoutCallingAnyoneOrMarkup) {
  Start();
  Alert alert = ManyAlerts(1)[0];
  alert.message = "<!channel> @here `x` & <https://evil.test|click>\n*bold*";
  Deliver(*OpenSink(Settings(Preset::kSlack)), {alert});
  ASSERT_EQ(Requests().size(), 1u);
  const std::string text = Json::parse(Requests()[0]["body"].get<std::string>())["text"];
  EXPECT_EQ(text.find('<'), std::string::npos) << text;
  EXPECT_EQ(text.find("@here"), std::string::npos) << text;
  EXPECT_NE(text.find("&lt;!channel&gt;"), std::string::npos) << text;
}

TEST(HttpSettings, WhatCannotWorkIsRefusedAtOnce) {
  SinkSettings settings;
  settings.name = "siem";
  for (const char* url : {"siem:8088", "ftp://siem/", "https://user:pass@siem/", "not a url"}) {
    HttpTarget target;
    target.url = url;
    settings.target = target;
    const auto sink = Sink::Open(settings, {}, "");
    EXPECT_TRUE(absl::IsInvalidArgument(sink.status())) << url;
    EXPECT_EQ(std::string(sink.status().message()).find("pass@"), std::string::npos);
  }
  HttpTarget target;
  target.url = "https://siem/";
  target.headers = {{"X-A", "b\r\nX-Injected: c"}};
  settings.target = target;
  EXPECT_TRUE(absl::IsInvalidArgument(Sink::Open(settings, {}, "").status()));
}

}  // namespace
}  // namespace capmon
