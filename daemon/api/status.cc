// SPDX-License-Identifier: Apache-2.0
#include "daemon/api/status.h"

#include <string>

namespace capmon {

grpc::Status ToGrpcStatus(const absl::Status& status) {
  return {static_cast<grpc::StatusCode>(status.code()), std::string(status.message())};
}

}  // namespace capmon
