// SPDX-License-Identifier: Apache-2.0
// The thread of a sink that delivers: from the spool to the receiver, again and again.
#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "daemon/base/wall_clock.h"
#include "daemon/sink/feed_notice.h"
#include "daemon/sink/queued_sink.h"

namespace capmon {
namespace {

constexpr std::chrono::seconds kIdle(1);

}  // namespace

void QueuedSink::Deliver(std::stop_token stop) {
  std::shared_ptr<Receiver> to;
  while (std::shared_ptr<Receiver> now = AwaitWork(to.get(), stop)) {
    if (now != to) backoff_.Reset();
    to = std::move(now);  // ends the one of before on this thread, which may wait for it
    ReportLoss();
    const auto rows = spool_->Front(to->transport->max_batch(), kMaxBatchBytes);
    if (!rows.empty()) {
      SendBatch(*to, rows);
      continue;
    }
    if (spool_->state().messages == 0) continue;
    std::lock_guard lock(mutex_);
    retry_at_ = Clock::now() + kIdle;  // the spool cannot be read now
  }
}

// Waits until there is something to send and the receiver may be tried, or it is another one than
// the current. Null: stop.
std::shared_ptr<QueuedSink::Receiver> QueuedSink::AwaitWork(const Receiver* current,
                                                            std::stop_token stop) {
  std::unique_lock lock(mutex_);
  const auto changed = [&] { return current != nullptr && receiver_.get() != current; };
  while (!stop.stop_requested()) {
    if (changed()) return receiver_;
    const Spool::State spool = spool_->state();
    const Clock::time_point now = Clock::now();
    const bool may_try = try_now_ || now >= retry_at_;
    const bool report = spool.has_loss && state_.failing_since == 0 && now >= next_notice_;
    if (may_try && (spool.messages != 0 || report)) {
      try_now_ = false;
      return receiver_;
    }
    if (spool.messages != 0 && !may_try)
      changed_.wait_until(lock, stop, retry_at_, [this] { return try_now_; });
    else if (spool.has_loss)
      changed_.wait_until(lock, stop, std::max(next_notice_, now + std::chrono::milliseconds(100)),
                          [&] { return changed() || spool_->state().messages != 0; });
    else
      changed_.wait(lock, stop, [&] {
        const Spool::State later = spool_->state();
        return changed() || later.messages != 0 || later.has_loss;
      });
  }
  return nullptr;
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
    const Alert notice = LossNotice(name_, loss, WallClock());
    spdlog::warn("sink {}: {}", name_, notice.message);
    return notice;
  });
}

// The texts in the result are those to show: without secrets.
SendResult QueuedSink::Send(Receiver& to, const std::vector<FeedMessage>& batch) {
  {
    std::lock_guard lock(mutex_);
    state_.sending_since = WallClock();
  }
  to.redactor.Learn();
  SendResult result = to.transport->Send(batch, to.stop.get_token());
  for (auto& [index, reason] : result.refused) reason = to.redactor.Shown(reason);
  result.unnamed_reason = to.redactor.Shown(result.unnamed_reason);
  if (!result.status.ok())
    result.status =
        absl::Status(result.status.code(), to.redactor.Shown(std::string(result.status.message())));
  std::lock_guard lock(mutex_);
  state_.sending_since = 0;
  return result;
}

void QueuedSink::SendBatch(Receiver& to, const std::vector<Spool::Row>& rows) {
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
  if (!batch.empty()) result = Send(to, batch);
  const bool all = result.settled >= batch.size();
  const size_t settled = all ? rows.size() : row_of[result.settled];
  std::erase_if(refused, [&](const auto& one) { return one.first >= settled; });
  for (auto& [index, reason] : result.refused)
    if (index < result.settled) refused.emplace_back(row_of[index], reason);
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
  Account(to, result, settled, stored.size());
  if (all)
    RecordSuccess(to);
  else if (!to.stop.stop_requested())
    RecordFailure(to, result);
  changed_.notify_all();
}

void QueuedSink::Account(const Receiver& to, const SendResult& result, size_t settled,
                         size_t refused) {
  const uint64_t all_refused = refused + std::min<uint64_t>(result.refused_unnamed, settled);
  {
    std::lock_guard lock(mutex_);
    if (result.refused_unnamed != 0) state_.last_refusal = result.unnamed_reason;
    state_.refused += all_refused;
    state_.delivered += settled - std::min<uint64_t>(settled, all_refused);
    if (settled > all_refused) state_.last_delivered = WallClock();
  }
  if (all_refused != 0)
    spdlog::warn("sink {}: {} refused {} alerts for good: {}", name_, to.target, all_refused,
                 State().last_refusal);
}

void QueuedSink::RecordFailure(const Receiver& to, const SendResult& result) {
  if (result.settled != 0) backoff_.Reset();
  const absl::Status status =
      result.status.ok() ? absl::InternalError("the transport gave no reason") : result.status;
  const std::string reason(status.message());
  const auto delay = backoff_.Next(status, result.retry_after);
  bool first;
  {
    std::lock_guard lock(mutex_);
    if (receiver_.get() != &to) return;  // the new settings are tried at once
    retry_at_ = Clock::now() + delay;
    first = state_.failing_since == 0;
    if (first) state_.failing_since = WallClock();
    ++state_.retries;
    state_.last_error = reason;
  }
  if (NeedsPerson(status))
    spdlog::error("sink {}: {}; alerts wait until this is fixed", name_, reason);
  else if (first)
    spdlog::warn("sink {}: {}; alerts wait, and it is tried again", name_, reason);
}

void QueuedSink::RecordSuccess(const Receiver& to) {
  backoff_.Reset();
  bool recovered;
  {
    std::lock_guard lock(mutex_);
    if (receiver_.get() != &to) return;
    retry_at_ = {};
    recovered = std::exchange(state_.failing_since, 0) != 0;
  }
  if (recovered) spdlog::info("sink {}: {} accepts alerts again", name_, to.target);
}

}  // namespace capmon
