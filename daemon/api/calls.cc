// SPDX-License-Identifier: Apache-2.0
#include "daemon/api/calls.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "daemon/base/wall_clock.h"

namespace capmon {
namespace {

constexpr int kSlack = 4;  // refusals that are being sent
constexpr int64_t kNanosecondsInSecond = 1'000'000'000;
constexpr char kOthers[] = "others";  // share a bucket when there is no room

std::string_view LastPart(std::string_view method) {
  return method.substr(method.rfind('/') + 1);  // npos + 1 is 0
}

std::string Sentence(const CallRule& rule, const Caller& caller) {
  if (caller.role == Role::kNone)
    return absl::StrCat("capmond gives ", caller.name,
                        " no role; add it to capmond's --viewers or --operators, or use a "
                        "certificate with the role");
  return absl::StrCat(caller.name, " may only read from capmond, and ", std::string(rule.call),
                      " is for operators; run this as root, or add the caller to capmond's "
                      "--operators");
}

using grpc::experimental::InterceptionHookPoints;

// Lives as long as its call. A call whose client is gone may end without a status.
class NotedCall final : public grpc::experimental::Interceptor {
 public:
  NotedCall(Calls& calls, CallCounts& counts, grpc::experimental::ServerRpcInfo& info)
      : calls_(calls),
        counts_(counts),
        info_(info),
        method_(info.method() == nullptr ? "" : info.method()) {
    counts_.Began();
  }
  ~NotedCall() override {
    End();
    counts_.Ended(method_, code_);
  }

  // The context knows its call only from here on.
  void Intercept(grpc::experimental::InterceptorBatchMethods* methods) override {
    if (methods->QueryInterceptionHookPoint(InterceptionHookPoints::POST_RECV_INITIAL_METADATA) &&
        number_ == 0)
      number_ = calls_.Begin(method_.c_str(), *info_.server_context());
    if (methods->QueryInterceptionHookPoint(InterceptionHookPoints::PRE_SEND_STATUS))
      code_ = methods->GetSendStatus().error_code();
    if (methods->QueryInterceptionHookPoint(InterceptionHookPoints::POST_RECV_CLOSE)) End();
    methods->Proceed();
  }

 private:
  void End() {
    if (!std::exchange(ended_, true) && number_ != 0) calls_.End(number_);
  }

  Calls& calls_;
  CallCounts& counts_;
  grpc::experimental::ServerRpcInfo& info_;
  const std::string method_;
  uint64_t number_ = 0;
  int code_ = grpc::StatusCode::CANCELLED;
  bool ended_ = false;
};

class NotingFactory final : public grpc::experimental::ServerInterceptorFactoryInterface {
 public:
  NotingFactory(Calls& calls, CallCounts& counts) : calls_(calls), counts_(counts) {}
  grpc::experimental::Interceptor* CreateServerInterceptor(
      grpc::experimental::ServerRpcInfo* info) override {
    return new NotedCall(calls_, counts_, *info);
  }

 private:
  Calls& calls_;
  CallCounts& counts_;
};

}  // namespace

uint64_t Calls::Begin(const char* method, grpc::ServerContextBase& call) {
  // Of the services that are not ours, one has streams that take a thread each.
  const CallRule* const rule = FindCallRule(LastPart(method));
  const auto caller = CallerOfCall(call, peers_);
  Running running{caller ? caller->key : kOthers, caller ? caller->role : Role::kNone,
                  rule == nullptr || rule->longest.count() == 0, 0, &call};
  if (!running.stream)
    running.overdue_at = SteadyClock() + rule->longest.count() * kNanosecondsInSecond;
  bool refused = false;
  uint64_t number = 0;
  {
    const std::lock_guard lock(mutex_);
    refused = running.refused = IsFarOver(CountFor(running.caller), running.role);
    number = ++last_;
    running_.emplace(number, std::move(running));
  }
  if (refused) {
    refusals_.Count("api_refused_calls");
    call.TryCancel();
  }
  return number;
}

void Calls::End(uint64_t number) {
  const std::lock_guard lock(mutex_);
  running_.erase(number);
}

void Calls::CancelOverdue(int64_t now) {
  const std::lock_guard lock(mutex_);
  for (auto& [number, running] : running_) {
    if (running.overdue_at == 0 || now < running.overdue_at) continue;
    running.overdue_at = 0;
    refusals_.Count("api_cancelled_slow");
    running.call->TryCancel();  // its end waits for the lock
  }
}

Calls::Count Calls::CountFor(const std::string& caller) const {
  Count count;
  for (const auto& [number, running] : running_) {
    if (running.refused) continue;
    count.of_viewers += running.role != Role::kOperator ? 1 : 0;
    if (running.caller != caller) continue;
    ++count.of_one;
    count.streams_of_one += running.stream ? 1 : 0;
  }
  return count;
}

bool Calls::IsFarOver(const Count& count, Role role) const {
  if (role == Role::kOperator) return count.of_one >= limits_.at_once_of_operator + kSlack;
  return count.of_one >= limits_.at_once_of_viewer + kSlack ||
         count.of_viewers >= limits_.at_once_of_viewers + kSlack;
}

absl::Status Calls::Admit(const CallRule& rule, const Caller& caller, int64_t now) {
  if (caller.role < rule.needs) {
    refusals_.Count("api_refused_role");
    return absl::PermissionDeniedError(Sentence(rule, caller));
  }
  const std::lock_guard lock(mutex_);
  // An operator's own commands ask often: `capmon check` once for each workload.
  if (caller.role != Role::kOperator && !TakeToken(caller.key, now)) {
    refusals_.Count("api_refused_rate");
    return absl::ResourceExhaustedError(
        absl::StrCat(caller.name, " sent more than ", limits_.per_second,
                     " requests per second; try again in a second"));
  }
  const Count count = CountFor(caller.key);
  const bool viewer = caller.role != Role::kOperator;
  const bool over =
      viewer ? count.of_one > limits_.at_once_of_viewer ||
                   count.of_viewers > limits_.at_once_of_viewers ||
                   (rule.longest.count() == 0 && count.streams_of_one > limits_.streams_of_viewer)
             : count.of_one > limits_.at_once_of_operator;
  if (!over) return absl::OkStatus();
  refusals_.Count("api_refused_calls");
  return absl::ResourceExhaustedError(
      absl::StrCat("too many requests of ", caller.name, " run at once; end another one"));
}

bool Calls::TakeToken(const std::string& caller, int64_t now) {
  if (!buckets_.contains(caller) && buckets_.size() >= limits_.callers) ForgetIdle(now);
  const bool known = buckets_.contains(caller) || buckets_.size() < limits_.callers;
  Bucket& bucket =
      buckets_.try_emplace(known ? caller : kOthers, Bucket{limits_.burst, now}).first->second;
  const double seconds = static_cast<double>(now - bucket.at) / kNanosecondsInSecond;
  bucket.tokens = std::min(limits_.burst, bucket.tokens + seconds * limits_.per_second);
  bucket.at = now;
  if (bucket.tokens < 1) return false;
  bucket.tokens -= 1;
  return true;
}

void Calls::ForgetIdle(int64_t now) {
  std::erase_if(buckets_, [&](const auto& entry) {
    const Bucket& bucket = entry.second;
    const double seconds = static_cast<double>(now - bucket.at) / kNanosecondsInSecond;
    return bucket.tokens + seconds * limits_.per_second >= limits_.burst;
  });
}

std::vector<std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>> Noting(
    Calls& calls, CallCounts& counts) {
  std::vector<std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>> factories;
  factories.push_back(std::make_unique<NotingFactory>(calls, counts));
  return factories;
}

}  // namespace capmon
