// SPDX-License-Identifier: Apache-2.0
#include "daemon/sink/queued_sink.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <random>
#include <utility>

#include "absl/strings/str_cat.h"
#include "daemon/base/wall_clock.h"
#include "daemon/sink/feed_notice.h"
#include "daemon/sink/printable.h"
#include "daemon/sink/spool_file.h"

namespace capmon {
namespace {

// A person waits for the answer.
SinkSettings ForATest(SinkSettings settings) {
  const auto shorten = [](auto& target) {
    if constexpr (requires { target.timeout; })
      target.timeout =
          std::min<std::chrono::milliseconds>(target.timeout, QueuedSink::kTestPatience);
  };
  std::visit(shorten, settings.target);
  return settings;
}

bool Wanted(const SinkSettings& settings, const Alert& alert) {
  return alert.severity >= settings.at_least &&
         (settings.rules.empty() ||
          std::ranges::find(settings.rules, alert.rule) != settings.rules.end());
}

}  // namespace

absl::StatusOr<std::unique_ptr<Sink>> Sink::Open(const SinkSettings& settings, const Sensor& sensor,
                                                 const std::string& directory) {
  auto transport = MakeTransport(settings, sensor);
  if (!transport.ok()) return transport.status();
  return Open(settings, sensor, directory, *std::move(transport));
}

absl::StatusOr<std::unique_ptr<Sink>> Sink::Open(const SinkSettings& settings, const Sensor& sensor,
                                                 const std::string& directory,
                                                 std::unique_ptr<Transport> transport) {
  return QueuedSink::Open(settings, sensor, directory, std::move(transport));
}

absl::StatusOr<std::unique_ptr<Sink>> QueuedSink::Open(const SinkSettings& settings,
                                                       const Sensor& sensor,
                                                       const std::string& directory,
                                                       std::unique_ptr<Transport> transport) {
  std::unique_ptr<QueuedSink> sink(new QueuedSink(settings, sensor, std::move(transport)));
  const auto encode = [name = settings.name, sensor](uint64_t sequence, const Alert& alert) {
    return EncodeAlert(AlertFormat::kNative, {name, sequence, alert}, sensor);
  };
  auto spool = Spool::Open(directory.empty() ? "" : SpoolPath(directory, settings.name),
                           settings.spool, encode);
  if (!spool.ok()) return spool.status();
  sink->spool_ = *std::move(spool);
  sink->intake_ = std::jthread([self = sink.get()](std::stop_token stop) { self->TakeIn(stop); });
  sink->delivery_ =
      std::jthread([self = sink.get()](std::stop_token stop) { self->Deliver(stop); });
  return sink;
}

QueuedSink::QueuedSink(const SinkSettings& settings, const Sensor& sensor,
                       std::unique_ptr<Transport> transport)
    : name_(settings.name),
      sensor_(sensor),
      backoff_(std::random_device{}()),
      receiver_(std::make_shared<Receiver>(settings, std::move(transport))) {
  state_.name = name_;
  ShowReceiver();
}

QueuedSink::~QueuedSink() { QueuedSink::End(); }

uint64_t QueuedSink::End() {
  {
    std::lock_guard lock(mutex_);
    if (std::exchange(ended_, true) || !intake_.joinable()) return 0;
  }
  CancelCalls();
  intake_.request_stop();
  intake_.join();
  {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, kClosingPatience,
                      [this] { return Drained() || state_.failing_since != 0; });
  }
  receiver()->stop.request_stop();
  delivery_.request_stop();
  delivery_.join();
  const uint64_t lost = spool_->Close();
  LogEnd(lost);
  return lost;
}

void QueuedSink::LogEnd(uint64_t lost) const {
  const Spool::State spool = spool_->state();
  if (lost != 0)
    spdlog::error("sink {}: {} alerts that waited are lost: {}", name_, lost,
                  spool.trouble.empty() ? "there is no state directory" : spool.trouble);
  if (spool.messages > lost)
    spdlog::info("sink {}: {} alerts wait in its spool", name_, spool.messages - lost);
}

// Call under the lock, or before there are threads.
void QueuedSink::ShowReceiver() {
  state_.target = receiver_->target;
  state_.format = Name(receiver_->settings.format);
}

void QueuedSink::Change(const SinkSettings& settings, std::unique_ptr<Transport> transport) {
  const auto fresh = std::make_shared<Receiver>(settings, std::move(transport));
  std::shared_ptr<Receiver> old;  // ended without the lock
  {
    std::lock_guard lock(mutex_);
    old = std::exchange(receiver_, fresh);
    if (!(old->settings.spool == settings.spool)) new_limits_ = settings.spool;
    ShowReceiver();
    state_.failing_since = 0;
    state_.last_error.clear();
    try_now_ = true;
  }
  old->stop.request_stop();
  changed_.notify_all();
  arrived_.notify_all();
}

std::shared_ptr<QueuedSink::Receiver> QueuedSink::receiver() const {
  std::lock_guard lock(mutex_);
  return receiver_;
}

bool QueuedSink::Put(const Alert& alert) {
  {
    std::lock_guard lock(mutex_);
    const SinkSettings& settings = receiver_->settings;
    if (!Wanted(settings, alert)) return true;
    if (ended_ || queue_.size() >= settings.queue) {
      ++state_.dropped_queue;
      ++unreported_;  // the alerts in the queue wake the thread that reports it
      return false;
    }
    queue_.push_back(alert);
    ++state_.accepted;
  }
  arrived_.notify_one();
  return true;
}

// Ends after the last alert that was queued before `stop`.
void QueuedSink::TakeIn(std::stop_token stop) {
  std::unique_lock lock(mutex_);
  while (true) {
    arrived_.wait(lock, stop,
                  [this] { return !queue_.empty() || unreported_ != 0 || new_limits_; });
    if (queue_.empty() && unreported_ == 0 && !new_limits_) return;
    const auto limits = std::exchange(new_limits_, std::nullopt);
    const std::vector<Alert> alerts(std::make_move_iterator(queue_.begin()),
                                    std::make_move_iterator(queue_.end()));
    queue_.clear();
    const uint64_t dropped = std::exchange(unreported_, 0);
    taking_in_ = true;
    lock.unlock();
    if (limits) spool_->SetLimits(*limits);
    if (dropped != 0) spool_->AddQueueLoss(dropped);
    if (!alerts.empty()) spool_->Append(alerts);
    LogSpool();
    lock.lock();
    taking_in_ = false;
    changed_.notify_all();
  }
}

void QueuedSink::LogSpool() {
  const std::string trouble = spool_->state().trouble;
  if (trouble == logged_trouble_) return;
  if (trouble.empty())
    spdlog::info("sink {}: alerts are spooled on disk again", name_);
  else
    spdlog::error("sink {}: {}", name_, trouble);
  logged_trouble_ = trouble;
}

absl::Status QueuedSink::Test(const Alert& alert) {
  const std::shared_ptr<Receiver> to = receiver();
  const SinkSettings settings = ForATest(to->settings);
  auto transport = MakeTransport(settings, sensor_);
  if (!transport.ok()) return transport.status();
  Redactor redactor(settings);
  redactor.Learn();
  const SendResult result = (*transport)->Send({{name_, 0, alert}}, calls_.get_token());
  const auto refused = [&](const std::string& reason) {
    return absl::InvalidArgumentError(
        absl::StrCat(to->target, " refused the alert: ", redactor.Shown(reason)));
  };
  if (!result.refused.empty()) return refused(result.refused.front().second);
  if (result.refused_unnamed != 0) return refused(result.unnamed_reason);
  if (result.settled == 0 && result.status.ok())
    return absl::InternalError(absl::StrCat("send to ", to->target, ": no answer"));
  return absl::Status(result.status.code(), redactor.Shown(std::string(result.status.message())));
}

absl::Status QueuedSink::Flush(std::chrono::milliseconds patience) {
  std::unique_lock lock(mutex_);
  try_now_ = true;
  changed_.notify_all();
  if (changed_.wait_for(lock, calls_.get_token(), patience, [this] { return Drained(); }))
    return absl::OkStatus();
  const uint64_t waiting = queue_.size() + spool_->state().messages;
  return absl::DeadlineExceededError(
      absl::StrCat(waiting, " alerts still wait for ", receiver_->target,
                   state_.last_error.empty() ? "" : ": ", state_.last_error));
}

bool QueuedSink::Drained() const {
  return queue_.empty() && unreported_ == 0 && !taking_in_ && spool_->state().messages == 0;
}

SinkState QueuedSink::State() const {
  const Spool::State spool = spool_->state();
  std::lock_guard lock(mutex_);
  SinkState state = state_;
  state.spooled = spool.messages;
  state.spooled_bytes = spool.bytes;
  state.dropped_spool = spool.dropped;
  state.spool_trouble = spool.trouble;
  return state;
}

}  // namespace capmon
