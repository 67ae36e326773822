// SPDX-License-Identifier: Apache-2.0
// One request to capmond, and a note where its answer may be old.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "client/base/output.h"
#include "client/base/settings.h"
#include "client/rpc/daemon.h"
#include "client/rpc/reference.h"

namespace capmon {

template <typename Request, typename Response>
absl::StatusOr<Response> Ask(const Settings& settings,
                             grpc::Status (Daemon::Stub::*method)(grpc::ClientContext*,
                                                                  const Request&, Response*),
                             const Request& request) {
  auto daemon = Daemon::Connect(settings.address);
  if (!daemon.ok()) return daemon.status();
  absl::StatusOr<Response> answer = daemon->Call(method, request);
  if (daemon->stale()) PrintNotes({"capmond is busy: this answer may be a few seconds old"});
  return answer;
}

// Sends a request about one container.
template <typename Request, typename Response>
absl::StatusOr<Response> AskAbout(const std::string& reference, const Settings& settings,
                                  grpc::Status (Daemon::Stub::*method)(grpc::ClientContext*,
                                                                       const Request&, Response*),
                                  Request request = {}) {
  const auto container = ResolveReference(reference);
  if (!container.ok()) return container.status();
  request.set_container(*container);
  return Ask(settings, method, request);
}

}  // namespace capmon
