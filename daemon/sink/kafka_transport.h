// SPDX-License-Identifier: Apache-2.0
// Kafka, through librdkafka: an idempotent producer whose delivery reports settle messages.
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "daemon/sink/transport.h"

typedef struct rd_kafka_s rd_kafka_t;

namespace capmon {

class KafkaTransport final : public Transport {
 public:
  // INVALID_ARGUMENT for options that librdkafka does not know.
  static absl::StatusOr<std::unique_ptr<KafkaTransport>> Make(const KafkaTarget& target,
                                                              AlertFormat format,
                                                              const Sensor& sensor);
  ~KafkaTransport() override;

  SendResult Send(const std::vector<FeedMessage>& batch, std::stop_token stop) override;
  absl::Status Reopen() override;
  size_t max_batch() const override { return 200; }

 private:
  struct Reports;
  KafkaTransport(const KafkaTarget& target, AlertFormat format, const Sensor& sensor);
  absl::Status Connect();
  void Close();
  void Produce(const std::vector<FeedMessage>& batch, Reports& reports);
  void AwaitReports(Reports& reports, std::stop_token stop);

  const KafkaTarget target_;
  const AlertFormat format_;
  const Sensor sensor_;
  std::atomic<bool> connect_again_ = false;
  rd_kafka_t* producer_ = nullptr;
  std::string last_error_;  // of the connection; written by callbacks of rd_kafka_poll
};

}  // namespace capmon
