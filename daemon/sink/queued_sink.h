// SPDX-License-Identifier: Apache-2.0
// A sink over any transport. One thread moves alerts from the queue to the spool, another one from
// the spool to the receiver: neither a slow disk nor a slow receiver fills the queue by itself.
#pragma once

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "daemon/sink/backoff.h"
#include "daemon/sink/redactor.h"
#include "daemon/sink/sink.h"
#include "daemon/sink/spool.h"
#include "daemon/sink/transport.h"

namespace capmon {

class QueuedSink final : public Sink {
 public:
  static absl::StatusOr<std::unique_ptr<Sink>> Open(const SinkSettings& settings,
                                                    const Sensor& sensor,
                                                    const std::string& directory,
                                                    std::unique_ptr<Transport> transport);
  ~QueuedSink() override;

  uint64_t End() override;
  void Change(const SinkSettings& settings, std::unique_ptr<Transport> transport) override;
  bool Put(const Alert& alert) override;
  absl::Status Reopen() override { return receiver()->transport->Reopen(); }
  absl::Status Test(const Alert& alert) override;
  absl::Status Flush(std::chrono::milliseconds patience) override;
  void CancelCalls() override { calls_.request_stop(); }
  SinkState State() const override;
  SinkSettings settings() const override { return receiver()->settings; }

  static constexpr size_t kMaxBatchBytes = 512 << 10;
  static constexpr std::chrono::seconds kClosingPatience{1};
  static constexpr std::chrono::seconds kNoticePeriod{10};
  static constexpr std::chrono::seconds kTestPatience{15};  // however long a timeout is

 private:
  using Clock = std::chrono::steady_clock;

  // What the settings decide; replaced as a whole. A delivery that runs keeps the one it began
  // with.
  struct Receiver {
    Receiver(const SinkSettings& its_settings, std::unique_ptr<Transport> its_transport)
        : settings(its_settings),
          target(TargetName(its_settings)),
          transport(std::move(its_transport)),
          redactor(its_settings) {}
    const SinkSettings settings;
    const std::string target;
    const std::unique_ptr<Transport> transport;
    Redactor redactor;  // of the thread that delivers
    std::stop_source stop;
  };

  QueuedSink(const SinkSettings& settings, const Sensor& sensor,
             std::unique_ptr<Transport> transport);
  std::shared_ptr<Receiver> receiver() const;
  void ShowReceiver();
  void LogEnd(uint64_t lost) const;
  void TakeIn(std::stop_token stop);
  void LogSpool();
  void Deliver(std::stop_token stop);
  std::shared_ptr<Receiver> AwaitWork(const Receiver* current, std::stop_token stop);
  void ReportLoss();
  void SendBatch(Receiver& to, const std::vector<Spool::Row>& rows);
  SendResult Send(Receiver& to, const std::vector<FeedMessage>& batch);
  void Account(const Receiver& to, const SendResult& result, size_t settled, size_t refused);
  void RecordFailure(const Receiver& to, const SendResult& result);
  void RecordSuccess(const Receiver& to);
  bool Drained() const;

  const std::string name_;
  const Sensor sensor_;
  std::unique_ptr<Spool> spool_;
  std::string logged_trouble_;  // of the thread that takes in
  Backoff backoff_;             // of the thread that delivers
  Clock::time_point next_notice_;
  std::stop_source calls_;  // of Test() and Flush()

  mutable std::mutex mutex_;  // guards all below; never held while waiting for disk or network
  std::condition_variable_any arrived_;  // something was queued
  std::condition_variable_any changed_;  // anything else
  std::shared_ptr<Receiver> receiver_;
  std::deque<Alert> queue_;
  std::optional<SpoolSettings> new_limits_;  // of the spool
  bool ended_ = false;
  bool taking_in_ = false;
  uint64_t unreported_ = 0;  // dropped from the queue, not yet in the spool's counts
  bool try_now_ = false;
  Clock::time_point retry_at_;
  SinkState state_;
  std::jthread intake_, delivery_;  // last: use all members above
};

}  // namespace capmon
