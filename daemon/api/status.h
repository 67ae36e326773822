// SPDX-License-Identifier: Apache-2.0
// Converts errors of the core to gRPC's.
#pragma once

#include "absl/status/status.h"
#include "grpcpp/support/status.h"

namespace capmon {

// Keeps code and sentence.
grpc::Status ToGrpcStatus(const absl::Status& status);

}  // namespace capmon
