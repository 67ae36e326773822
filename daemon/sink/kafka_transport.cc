// SPDX-License-Identifier: Apache-2.0
#include "daemon/sink/kafka_transport.h"

#include <librdkafka/rdkafka.h>

#include <array>
#include <deque>
#include <utility>

#include "absl/strings/str_cat.h"
#include "daemon/sink/secret.h"

namespace capmon {
namespace {

constexpr int kPollMilliseconds = 50;
constexpr char kPatience[] = "30000";  // milliseconds until librdkafka gives a message up

using Configuration = std::unique_ptr<rd_kafka_conf_t, decltype(&rd_kafka_conf_destroy)>;

absl::Status Set(const Configuration& configuration, const std::string& name,
                 const std::string& value) {
  std::array<char, 512> error{};
  if (rd_kafka_conf_set(configuration.get(), name.c_str(), value.c_str(), error.data(),
                        error.size()) == RD_KAFKA_CONF_OK)
    return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("the option ", name, " of librdkafka: ", error.data()));
}

// All settings but the password.
absl::StatusOr<Configuration> Configure(const KafkaTarget& target) {
  Configuration configuration(rd_kafka_conf_new(), rd_kafka_conf_destroy);
  const std::pair<std::string, std::string> fixed[] = {
      {"bootstrap.servers", target.brokers}, {"client.id", "capmon"},
      {"message.timeout.ms", kPatience},     {"linger.ms", "5"},
      {"reconnect.backoff.max.ms", "2000"},  {"log_level", "0"},
  };
  absl::Status status;
  for (const auto& [name, value] : fixed)
    if (status.ok()) status = Set(configuration, name, value);
  for (const auto& [name, value] : target.options)
    if (status.ok()) status = Set(configuration, name, value);
  // At last, because no option may take the order and the acknowledgement away.
  if (status.ok()) status = Set(configuration, "acks", "all");
  if (status.ok()) status = Set(configuration, "enable.idempotence", "true");
  if (!status.ok()) return status;
  return configuration;
}

bool RefusedForGood(rd_kafka_resp_err_t error) {
  switch (error) {
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
    case RD_KAFKA_RESP_ERR_INVALID_MSG_SIZE:
    case RD_KAFKA_RESP_ERR_INVALID_MSG:
    case RD_KAFKA_RESP_ERR_INVALID_RECORD: return true;
    default: return false;
  }
}

absl::StatusCode CodeOf(rd_kafka_resp_err_t error) {
  switch (error) {
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED: return absl::StatusCode::kPermissionDenied;
    case RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED:
    case RD_KAFKA_RESP_ERR__AUTHENTICATION: return absl::StatusCode::kUnauthenticated;
    case RD_KAFKA_RESP_ERR__SSL:
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART: return absl::StatusCode::kFailedPrecondition;
    case RD_KAFKA_RESP_ERR__PURGE_QUEUE:
    case RD_KAFKA_RESP_ERR__PURGE_INFLIGHT: return absl::StatusCode::kCancelled;
    default: return absl::StatusCode::kUnavailable;
  }
}

struct Report {
  size_t* waiting = nullptr;
  rd_kafka_resp_err_t error = RD_KAFKA_RESP_ERR__IN_PROGRESS;
};

void OnReport(rd_kafka_t*, const rd_kafka_message_t* message, void*) {
  Report& report = *static_cast<Report*>(message->_private);
  report.error = message->err;
  --*report.waiting;
}

void OnError(rd_kafka_t*, int, const char* reason, void* last_error) {
  *static_cast<std::string*>(last_error) = reason;
}

}  // namespace

struct KafkaTransport::Reports {
  std::deque<Report> all;
  size_t waiting = 0;
};

KafkaTransport::KafkaTransport(const KafkaTarget& target, AlertFormat format, const Sensor& sensor)
    : target_(target), format_(format), sensor_(sensor) {}

absl::StatusOr<std::unique_ptr<KafkaTransport>> KafkaTransport::Make(const KafkaTarget& target,
                                                                     AlertFormat format,
                                                                     const Sensor& sensor) {
  if (const auto checked = Configure(target); !checked.ok()) return checked.status();
  return std::unique_ptr<KafkaTransport>(new KafkaTransport(target, format, sensor));
}

KafkaTransport::~KafkaTransport() { Close(); }

void KafkaTransport::Close() {
  if (producer_ != nullptr) rd_kafka_destroy(producer_);
  producer_ = nullptr;
}

absl::Status KafkaTransport::Reopen() {
  connect_again_ = true;
  return absl::OkStatus();
}

absl::Status KafkaTransport::Connect() {
  if (connect_again_.exchange(false)) Close();
  if (producer_ != nullptr) return absl::OkStatus();
  auto configuration = Configure(target_);
  if (!configuration.ok()) return configuration.status();
  const auto password = ReadSecret(target_.password);
  if (!password.ok()) return password.status();
  if (!password->empty())
    if (absl::Status status = Set(*configuration, "sasl.password", *password); !status.ok())
      return absl::FailedPreconditionError("librdkafka does not take sasl.password");
  rd_kafka_conf_set_dr_msg_cb(configuration->get(), OnReport);
  rd_kafka_conf_set_error_cb(configuration->get(), OnError);
  rd_kafka_conf_set_opaque(configuration->get(), &last_error_);
  std::array<char, 512> error{};
  producer_ = rd_kafka_new(RD_KAFKA_PRODUCER, configuration->get(), error.data(), error.size());
  if (producer_ == nullptr)
    return absl::FailedPreconditionError(absl::StrCat("use librdkafka: ", error.data()));
  configuration->release();  // now the producer's
  return absl::OkStatus();
}

void KafkaTransport::Produce(const std::vector<FeedMessage>& batch, Reports& reports) {
  // All messages of a feed have one key, and so one partition, which keeps their order.
  for (const FeedMessage& message : batch) {
    const std::string value = EncodeAlert(format_, message, sensor_);
    const std::string key = absl::StrCat(sensor_.node, "/", message.feed);
    Report& report = reports.all.emplace_back(Report{&reports.waiting});
    ++reports.waiting;
    const rd_kafka_resp_err_t error = rd_kafka_producev(
        producer_, RD_KAFKA_V_TOPIC(target_.topic.c_str()),
        RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_KEY(key.data(), key.size()),
        RD_KAFKA_V_VALUE(const_cast<char*>(value.data()), value.size()),
        RD_KAFKA_V_HEADER("event_id", message.alert.event_id.data(),
                          static_cast<ssize_t>(message.alert.event_id.size())),
        RD_KAFKA_V_HEADER("format", Name(format_), -1), RD_KAFKA_V_OPAQUE(&report), RD_KAFKA_V_END);
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR) continue;
    report.error = error;
    --reports.waiting;
    if (!RefusedForGood(error)) return;
  }
}

// Every report refers to `reports`, so all must have arrived.
void KafkaTransport::AwaitReports(Reports& reports, std::stop_token stop) {
  bool purged = false;
  while (reports.waiting != 0) {
    rd_kafka_poll(producer_, kPollMilliseconds);
    if (!stop.stop_requested() || purged) continue;
    rd_kafka_purge(producer_, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
    purged = true;
  }
}

SendResult KafkaTransport::Send(const std::vector<FeedMessage>& batch, std::stop_token stop) {
  SendResult result;
  result.status = Connect();
  if (!result.status.ok()) return result;
  Reports reports;
  Produce(batch, reports);
  AwaitReports(reports, stop);
  for (const Report& report : reports.all) {
    if (RefusedForGood(report.error)) {
      result.refused.emplace_back(result.settled, rd_kafka_err2str(report.error));
    } else if (report.error != RD_KAFKA_RESP_ERR_NO_ERROR) {
      const bool away = report.error == RD_KAFKA_RESP_ERR__MSG_TIMED_OUT && !last_error_.empty();
      result.status = absl::Status(
          CodeOf(report.error),
          absl::StrCat("send to ", target_.brokers, ": ",
                       away ? last_error_ : std::string(rd_kafka_err2str(report.error))));
      break;
    }
    ++result.settled;
  }
  if (result.settled < batch.size() && result.status.ok())
    result.status = absl::UnavailableError("librdkafka's queue is full");
  // After a fatal error a producer is of no more use.
  if (rd_kafka_fatal_error(producer_, nullptr, 0) != RD_KAFKA_RESP_ERR_NO_ERROR) Close();
  return result;
}

}  // namespace capmon
