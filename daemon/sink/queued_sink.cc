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

constexpr std::chrono::seconds kIdle(1);

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

}  // namespace

absl::StatusOr<std::unique_ptr<Sink>> Sink::Open(const SinkSettings& settings, const Sensor& sensor,
                                                 const std::string& directory) {
  auto transport = MakeTransport(settings, sensor);
  if (!transport.ok()) return transport.status();
  return QueuedSink::Open(settings, sensor, directory, *std::move(transport));
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
    : settings_(settings),
      sensor_(sensor),
      target_(TargetName(settings)),
      transport_(std::move(transport)),
      backoff_(std::random_device{}()) {
  state_.name = settings_.name;
  state_.target = target_;
  state_.format = Name(settings_.format);
}

QueuedSink::~QueuedSink() {
  if (!intake_.joinable()) return;
  intake_.request_stop();
  intake_.join();
  {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, kClosingPatience,
                      [this] { return Drained() || state_.failing_since != 0; });
  }
  delivery_.request_stop();
  delivery_.join();
}

bool QueuedSink::Wanted(const Alert& alert) const {
  return alert.severity >= settings_.at_least &&
         (settings_.rules.empty() ||
          std::ranges::find(settings_.rules, alert.rule) != settings_.rules.end());
}

bool QueuedSink::Put(const Alert& alert) {
  if (!Wanted(alert)) return true;
  {
    std::lock_guard lock(mutex_);
    if (queue_.size() >= settings_.queue) {
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
    arrived_.wait(lock, stop, [this] { return !queue_.empty() || unreported_ != 0; });
    if (queue_.empty() && unreported_ == 0) return;
    const std::vector<Alert> alerts(std::make_move_iterator(queue_.begin()),
                                    std::make_move_iterator(queue_.end()));
    queue_.clear();
    const uint64_t dropped = std::exchange(unreported_, 0);
    taking_in_ = true;
    lock.unlock();
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
    spdlog::info("sink {}: alerts are spooled on disk again", settings_.name);
  else
    spdlog::error("sink {}: {}", settings_.name, trouble);
  logged_trouble_ = trouble;
}

void QueuedSink::Deliver(std::stop_token stop) {
  while (AwaitWork(stop)) {
    ReportLoss();
    const auto rows = spool_->Front(transport_->max_batch(), kMaxBatchBytes);
    if (!rows.empty()) {
      SendBatch(rows, stop);
      continue;
    }
    if (spool_->state().messages == 0) continue;
    std::lock_guard lock(mutex_);
    retry_at_ = Clock::now() + kIdle;  // the spool cannot be read now
  }
}

// Waits until there is something to send and the receiver may be tried. False: stop.
bool QueuedSink::AwaitWork(std::stop_token stop) {
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    const Spool::State spool = spool_->state();
    const Clock::time_point now = Clock::now();
    const bool may_try = try_now_ || now >= retry_at_;
    const bool report = spool.has_loss && state_.failing_since == 0 && now >= next_notice_;
    if (may_try && (spool.messages != 0 || report)) {
      try_now_ = false;
      return true;
    }
    if (spool.messages != 0 && !may_try)
      changed_.wait_until(lock, stop, retry_at_, [this] { return try_now_; });
    else if (spool.has_loss)
      changed_.wait_until(lock, stop, std::max(next_notice_, now + std::chrono::milliseconds(100)),
                          [this] { return spool_->state().messages != 0; });
    else
      changed_.wait(lock, stop, [this] {
        const Spool::State later = spool_->state();
        return later.messages != 0 || later.has_loss;
      });
  }
  return false;
}

// While a receiver is away the counts are kept in the spool: the report follows what is delivered.
void QueuedSink::ReportLoss() {
  if (!spool_->state().has_loss || Clock::now() < next_notice_) return;
  {
    std::lock_guard lock(mutex_);
    if (state_.failing_since != 0) return;
  }
  next_notice_ = Clock::now() + kNoticePeriod;
  spool_->ReportLoss([this](const FeedLoss& loss) {
    const Alert notice = LossNotice(settings_.name, loss, WallClock());
    spdlog::warn("sink {}: {}", settings_.name, notice.message);
    return notice;
  });
}

void QueuedSink::SendBatch(const std::vector<Spool::Row>& rows, std::stop_token stop) {
  std::vector<FeedMessage> batch;
  std::vector<size_t> row_of;  // of each message
  std::vector<std::pair<size_t, std::string>> refused;
  for (size_t i = 0; i < rows.size(); ++i) {
    auto message = ParseNativeAlert(rows[i].line);
    if (message.ok()) {
      batch.push_back(*std::move(message));
      row_of.push_back(i);
    } else {
      refused.emplace_back(i, std::string(message.status().message()));
    }
  }
  SendResult result;
  if (!batch.empty()) result = transport_->Send(batch, stop);
  const bool all = result.settled >= batch.size();
  const size_t settled = all ? rows.size() : row_of[result.settled];
  std::erase_if(refused, [&](const auto& one) { return one.first >= settled; });
  for (auto& [index, reason] : result.refused)
    if (index < result.settled) refused.emplace_back(row_of[index], Printable(reason));
  std::vector<Spool::Refusal> stored;
  for (const auto& [row, reason] : refused)
    stored.push_back({rows[row].sequence, rows[row].line, reason});
  if (!stored.empty()) {
    std::lock_guard lock(mutex_);
    state_.last_refusal = stored.back().reason;
  }
  if (settled != 0)
    spool_->Settle(rows[settled - 1].sequence, stored);
  else
    spool_->Release();
  if (!all && stop.stop_requested()) return;
  Account(result, settled, stored.size(), all);
}

void QueuedSink::Account(const SendResult& result, size_t settled, size_t refused, bool all) {
  const uint64_t all_refused = refused + std::min<uint64_t>(result.refused_unnamed, settled);
  {
    std::lock_guard lock(mutex_);
    if (result.refused_unnamed != 0) state_.last_refusal = Printable(result.unnamed_reason);
    state_.refused += all_refused;
    state_.delivered += settled - std::min<uint64_t>(settled, all_refused);
    if (settled > all_refused) state_.last_delivered = WallClock();
  }
  if (all_refused != 0)
    spdlog::warn("sink {}: {} refused {} alerts for good: {}", settings_.name, target_, all_refused,
                 State().last_refusal);
  if (all)
    RecordSuccess();
  else
    RecordFailure(result);
  changed_.notify_all();
}

void QueuedSink::RecordFailure(const SendResult& result) {
  if (result.settled != 0) backoff_.Reset();
  const absl::Status status =
      result.status.ok() ? absl::InternalError("the transport gave no reason") : result.status;
  const std::string reason = Printable(std::string(status.message()));
  const auto delay = backoff_.Next(status, result.retry_after);
  bool first;
  {
    std::lock_guard lock(mutex_);
    retry_at_ = Clock::now() + delay;
    first = state_.failing_since == 0;
    if (first) state_.failing_since = WallClock();
    ++state_.retries;
    state_.last_error = reason;
  }
  if (NeedsPerson(status))
    spdlog::error("sink {}: {}; alerts wait until this is fixed", settings_.name, reason);
  else if (first)
    spdlog::warn("sink {}: {}; alerts wait, and it is tried again", settings_.name, reason);
}

void QueuedSink::RecordSuccess() {
  backoff_.Reset();
  bool recovered;
  {
    std::lock_guard lock(mutex_);
    retry_at_ = {};
    recovered = std::exchange(state_.failing_since, 0) != 0;
  }
  if (recovered) spdlog::info("sink {}: {} accepts alerts again", settings_.name, target_);
}

absl::Status QueuedSink::Test(const Alert& alert) {
  auto transport = MakeTransport(ForATest(settings_), sensor_);
  if (!transport.ok()) return transport.status();
  const SendResult result = (*transport)->Send({{settings_.name, 0, alert}}, calls_.get_token());
  if (!result.refused.empty())
    return absl::InvalidArgumentError(
        absl::StrCat(target_, " refused the alert: ", Printable(result.refused.front().second)));
  if (result.refused_unnamed != 0)
    return absl::InvalidArgumentError(
        absl::StrCat(target_, " refused the alert: ", Printable(result.unnamed_reason)));
  if (result.settled == 0 && result.status.ok())
    return absl::InternalError(absl::StrCat("send to ", target_, ": no answer"));
  return absl::Status(result.status.code(), Printable(std::string(result.status.message())));
}

absl::Status QueuedSink::Flush(std::chrono::milliseconds patience) {
  std::unique_lock lock(mutex_);
  try_now_ = true;
  changed_.notify_all();
  if (changed_.wait_for(lock, calls_.get_token(), patience, [this] { return Drained(); }))
    return absl::OkStatus();
  const uint64_t waiting = queue_.size() + spool_->state().messages;
  return absl::DeadlineExceededError(absl::StrCat(waiting, " alerts still wait for ", target_,
                                                  state_.last_error.empty() ? "" : ": ",
                                                  state_.last_error));
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
