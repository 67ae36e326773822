// SPDX-License-Identifier: Apache-2.0
// The calls about receivers of alerts, and their messages.
#include "daemon/api/sink_access.h"

#include <algorithm>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/utf8.h"
#include "daemon/api/service.h"
#include "daemon/api/status.h"
#include "daemon/base/wall_clock.h"

namespace capmon {
namespace {

constexpr std::chrono::seconds kDefaultPatience(30);
constexpr std::chrono::seconds kMostPatience(600);
// A receiver that answers later is one that hangs, as far as is known.
constexpr TimeNs kPromptAnswer = 5 * kSecond;

void PutTime(TimeNs time, google::protobuf::Timestamp* into) {
  into->set_seconds(time / kSecond);
  into->set_nanos(static_cast<int32_t>(time % kSecond));
}

}  // namespace

v1::SinkStatus ToProto(const SinkState& state) {
  v1::SinkStatus out;
  out.set_name(ToUtf8(state.name));
  out.set_target(ToUtf8(state.target));
  out.set_format(state.format);
  out.set_accepted(state.accepted);
  out.set_delivered(state.delivered);
  out.set_refused(state.refused);
  out.set_last_refusal(ToUtf8(state.last_refusal));
  out.set_dropped_queue(state.dropped_queue);
  out.set_dropped_spool(state.dropped_spool);
  out.set_retries(state.retries);
  out.set_waiting(state.spooled);
  out.set_waiting_bytes(state.spooled_bytes);
  if (state.last_delivered != 0) PutTime(state.last_delivered, out.mutable_last_delivered());
  if (state.failing_since != 0) PutTime(state.failing_since, out.mutable_failing_since());
  if (state.sending_since != 0 && WallClock() - state.sending_since > kPromptAnswer)
    PutTime(state.sending_since, out.mutable_sending_since());
  out.set_last_error(ToUtf8(state.last_error));
  out.set_spool_trouble(ToUtf8(state.spool_trouble));
  return out;
}

void AddSinks(const SinkAccess& sinks, v1::Status& status) {
  for (const SinkState& state : sinks.states()) *status.add_sinks() = ToProto(state);
  status.set_settings_file(ToUtf8(sinks.settings_file));
  status.set_settings_fault(ToUtf8(sinks.settings_fault()));
  status.mutable_health()->set_degraded(ToUtf8(sinks.trouble()));
}

grpc::Status Service::ListSinks(grpc::ServerContext*, const v1::ListSinksRequest*,
                                v1::ListSinksResponse* response) {
  for (const SinkState& state : context_.sinks.states()) *response->add_sinks() = ToProto(state);
  return grpc::Status::OK;
}

// A receiver that does not accept the alert is an answer, not an error of the call.
grpc::Status Service::TestSink(grpc::ServerContext* call, const v1::TestSinkRequest* request,
                               v1::TestSinkResponse* response) {
  if (CallerOf(*call, absl::StrCat("test alert to ", absl::CHexEscape(request->name())), "")
          .empty())
    return Gone();
  return Stream([&]() -> grpc::Status {
    const absl::Status status = context_.sinks.test(request->name());
    if (absl::IsNotFound(status)) return ToGrpcStatus(status);
    response->set_accepted(status.ok());
    response->set_error(ToUtf8(std::string(status.message())));
    return grpc::Status::OK;
  });
}

grpc::Status Service::FlushSink(grpc::ServerContext* call, const v1::FlushSinkRequest* request,
                                v1::FlushSinkResponse* response) {
  if (CallerOf(*call, absl::StrCat("flush of ", absl::CHexEscape(request->name())), "").empty())
    return Gone();
  return Stream([&]() -> grpc::Status {
    std::chrono::milliseconds patience = std::chrono::seconds(request->patience_seconds());
    if (patience.count() == 0) patience = kDefaultPatience;
    const absl::Status status = context_.sinks.flush(
        request->name(), std::min<std::chrono::milliseconds>(patience, kMostPatience));
    if (absl::IsNotFound(status)) return ToGrpcStatus(status);
    for (const SinkState& state : context_.sinks.states())
      if (state.name == request->name()) *response->mutable_sink() = ToProto(state);
    response->set_done(status.ok());
    response->set_error(ToUtf8(std::string(status.message())));
    return grpc::Status::OK;
  });
}

}  // namespace capmon
