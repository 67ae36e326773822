// SPDX-License-Identifier: Apache-2.0
// OTLP to a real gRPC server; what it receives is decoded by OpenTelemetry's own decoder.
#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "common/utf8.h"
#include "daemon/base/synchronized.h"
#include "generated/build_paths.h"
#include "otlp/v1/logs.grpc.pb.h"
#include "tests/sinks/receivers.h"
#include "tests/support/child_process.h"
#include "tests/support/eventually.h"
#include "tests/support/sample_alerts.h"

namespace capmon {
namespace {

namespace otlp = opentelemetry::proto::collector::logs::v1;
using Json = nlohmann::json;

class Collector final : public otlp::LogsService::Service {
 public:
  grpc::Status Export(grpc::ServerContext* context, const otlp::ExportLogsServiceRequest* request,
                      otlp::ExportLogsServiceResponse* answer) override {
    const grpc::Status status = faults.With([](auto& all) {
      if (all.empty()) return grpc::Status::OK;
      const grpc::Status next = all.back();
      all.pop_back();
      return next;
    });
    if (!status.ok()) return status;
    requests.With([&](auto& all) { all.push_back(request->SerializeAsString()); });
    tokens.With([&](auto& all) {
      const auto found = context->client_metadata().find("authorization");
      if (found != context->client_metadata().end())
        all.emplace_back(found->second.data(), found->second.size());
    });
    rejected.With([&](int& count) {
      answer->mutable_partial_success()->set_rejected_log_records(std::exchange(count, 0));
      answer->mutable_partial_success()->set_error_message("too large");
    });
    return grpc::Status::OK;
  }

  Synchronized<std::vector<grpc::Status>> faults;
  Synchronized<std::vector<std::string>> requests;
  Synchronized<std::vector<std::string>> tokens;
  Synchronized<int> rejected{0};
};

class Otlp : public testing::Test {
 protected:
  void Start(const std::shared_ptr<grpc::ServerCredentials>& credentials) {
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", credentials, &port_);
    builder.RegisterService(&collector_);
    server_ = builder.BuildAndStart();
    ASSERT_NE(server_, nullptr);
  }
  void TearDown() override {
    if (server_) server_->Shutdown();
  }

  SinkSettings Settings() const {
    OtlpTarget target;
    target.endpoint = absl::StrCat("127.0.0.1:", port_);
    SinkSettings settings;
    settings.name = "otel";
    settings.target = target;
    return settings;
  }

  // Each log record with the attributes of its resource, as the independent decoder has them.
  std::vector<Json> Decoded() {
    std::vector<std::string> command = {TestSource("decode_otlp.sh"),
                                        std::string(CAPMON_BINARY_DIR) + "/sink-tests"};
    for (const std::string& request : collector_.requests.With([](auto& all) { return all; })) {
      command.push_back(directory_ / absl::StrCat("request", command.size()));
      EXPECT_TRUE(WriteFile(command.back(), request));
    }
    const Outcome decoded = RunProgram(command);
    skipped_ = decoded.exit_code == 77;
    EXPECT_TRUE(skipped_ || decoded.exit_code == 0) << decoded.err;
    std::vector<Json> records;
    std::istringstream lines(decoded.out);
    for (std::string line; std::getline(lines, line);) {
      const Json request = Json::parse(line);
      for (const Json& logs : request["resourceLogs"])
        for (Json record : logs["scopeLogs"][0]["logRecords"]) {
          record["resource"] = logs["resource"]["attributes"];
          record["scope"] = logs["scopeLogs"][0]["scope"];
          records.push_back(record);
        }
    }
    return records;
  }

  const TempDir directory_;
  Collector collector_;
  int port_ = 0;
  bool skipped_ = false;
  std::unique_ptr<grpc::Server> server_;
};

std::string Attribute(const Json& attributes, const std::string& key) {
  for (const Json& one : attributes)
    if (one["key"] == key)
      return one["value"].value("stringValue", one["value"].value("intValue", ""));
  return "";
}

TEST_F(Otlp, IsDecodedByOpenTelemetrysDecoder) {
  Start(grpc::InsecureServerCredentials());
  const SinkSettings settings = Settings();
  const std::vector<Alert> alerts = ManyAlerts(60);
  Deliver(*OpenSink(settings), alerts);
  const std::vector<Json> records = Decoded();
  if (skipped_) GTEST_SKIP() << "node or npm is not installed";
  const std::vector<std::string> expected = ExpectedLines(settings, alerts);
  ASSERT_EQ(records.size(), expected.size());
  for (size_t i = 0; i < expected.size(); ++i) {
    const Json& record = records[i];
    const Alert alert = AsStored(alerts[i]);
    EXPECT_EQ(record["body"]["stringValue"], expected[i]);
    EXPECT_EQ(record["timeUnixNano"], absl::StrCat(alert.last));
    EXPECT_EQ(record["severityText"], Name(alert.severity));
    EXPECT_EQ(record["scope"]["name"], "capmon");
    EXPECT_EQ(Attribute(record["attributes"], "capmon.event_id"), alert.event_id);
    EXPECT_EQ(Attribute(record["attributes"], "capmon.sequence"), absl::StrCat(i + 1));
    EXPECT_EQ(Attribute(record["attributes"], "process.command_line"),
              ToUtf8(alert.process.command_line));
    EXPECT_EQ(Attribute(record["resource"], "container.id"), ToUtf8(alert.container.id));
    EXPECT_EQ(Attribute(record["resource"], "k8s.pod.name"), ToUtf8(alert.container.pod));
  }
}

TEST_F(Otlp, VerifiesBothSidesOverTls) {
  const Certificates certificates;
  grpc::SslServerCredentialsOptions options(
      GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  options.pem_root_certs = ReadFile(certificates.ca());
  options.pem_key_cert_pairs.push_back(
      {ReadFile(certificates.file("server.key")), ReadFile(certificates.file("server.pem"))});
  Start(grpc::SslServerCredentials(options));
  SinkSettings settings = Settings();
  auto& target = std::get<OtlpTarget>(settings.target);
  target.timeout = std::chrono::seconds(2);
  target.tls = certificates.ClientTls("stranger");
  EXPECT_FALSE(OpenSink(settings)->Test(ManyAlerts(1)[0]).ok());
  target.tls = certificates.ClientTls();
  target.tls.server_name = "other.test";
  EXPECT_FALSE(OpenSink(settings)->Test(ManyAlerts(1)[0]).ok());
  EXPECT_TRUE(collector_.requests.With([](auto& all) { return all.empty(); }));
  target.tls.server_name = "siem.test";
  ASSERT_TRUE(WriteFile(directory_ / "token", "s3cret"));
  target.token = {"file:" + directory_ / "token"};
  target.timeout = std::chrono::seconds(30);
  const absl::Status tested = OpenSink(settings)->Test(ManyAlerts(1)[0]);
  EXPECT_TRUE(tested.ok()) << tested;
  EXPECT_EQ(collector_.tokens.With([](auto& all) { return all; }),
            std::vector<std::string>{"Bearer s3cret"});
}

TEST_F(Otlp, TriesAgainWhatMayBeTriedAndCountsWhatIsRejected) {
  Start(grpc::InsecureServerCredentials());
  collector_.faults.With([](auto& all) {
    all = {grpc::Status(grpc::StatusCode::RESOURCE_EXHAUSTED, "later"),
           grpc::Status(grpc::StatusCode::UNAVAILABLE, "away")};
  });
  collector_.rejected.With([](int& count) { count = 2; });
  const auto sink = OpenSink(Settings());
  Deliver(*sink, ManyAlerts(1));
  EXPECT_TRUE(Eventually([&] { return sink->State().refused == 1; }));
  EXPECT_EQ(sink->State().last_refusal, "too large");
  EXPECT_EQ(sink->State().retries, 2u);
  collector_.faults.With(
      [](auto& all) { all = {grpc::Status(grpc::StatusCode::INVALID_ARGUMENT, "bad")}; });
  Deliver(*sink, ManyAlerts(1));
  EXPECT_TRUE(Eventually([&] { return sink->State().refused == 2; }));
}

}  // namespace
}  // namespace capmon
