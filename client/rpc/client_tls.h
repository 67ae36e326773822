// SPDX-License-Identifier: Apache-2.0
// The identity of this process towards a capmond on another machine: files in PEM form.
#pragma once

#include <string>

#include "absl/status/statusor.h"

namespace capmon {

struct ClientTls {
  std::string ca;           // signs capmond's certificate
  std::string certificate;  // of this client, with the chain below its authority
  std::string key;
};

// For all connections of this process; call before the first. An error is what every connection
// then fails with: commands that need none still work.
void UseClientTls(absl::StatusOr<ClientTls> files);

}  // namespace capmon
