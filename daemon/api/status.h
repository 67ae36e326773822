// SPDX-License-Identifier: Apache-2.0
// Errors, from the core to the wire.
#pragma once

#include "absl/status/status.h"
#include "grpcpp/support/status.h"

namespace capmon {

// Same code, same sentence.
grpc::Status ToGrpcStatus(const absl::Status& status);

}  // namespace capmon
