// SPDX-License-Identifier: Apache-2.0
#include "daemon/api/status.h"

#include <string>

namespace capmon {

grpc::Status ToGrpcStatus(const absl::Status& status) {
  // The message travels as metadata, which holds 8 KiB; a byte may need three there.
  constexpr size_t kMost = 800;
  std::string message(status.message());
  if (message.size() > kMost) message = message.substr(0, kMost) + "...";
  return {static_cast<grpc::StatusCode>(status.code()), message};
}

}  // namespace capmon
