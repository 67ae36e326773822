// SPDX-License-Identifier: Apache-2.0
// Where capmond is: from the command line, variables, and the user's file of named addresses.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "client/rpc/client_tls.h"
#include "common/address.h"

namespace capmon {

// As given on the command line.
struct EndpointOptions {
  std::optional<std::string> address, context;
  ClientTls tls;
};

struct Endpoint {
  std::string address = kDefaultAddress;
  ClientTls tls;
};

// The user's file: addresses by name, as the contexts of kubectl and docker.
struct ClientConfig {
  std::string path;  // "" if there is none
  std::string text;
  std::string current;
  std::map<std::string, Endpoint> contexts;
};

// Returns the value of a variable, or "".
using Variables = std::function<std::string(const char* name)>;

// INVALID_ARGUMENT with the line and the key for anything that it does not understand. Paths are
// relative to the directory of `path`; those that begin with ~/ are in `home`.
absl::StatusOr<ClientConfig> ParseClientConfig(const std::string& path, const std::string& text,
                                               const std::string& home);

// Reads $CAPMON_CONFIG, or config.yaml in capmon/ of the directory for settings, which may be
// missing.
absl::StatusOr<ClientConfig> ReadClientConfig(const Variables& variable);

// What comes first decides: --context or --address, $CAPMON_ADDRESS, $CAPMON_CONTEXT, what the file
// calls current, the default. Where an address decides, the file is not read.
absl::StatusOr<Endpoint> FindEndpoint(const EndpointOptions& given, const Variables& variable);

// Makes `name` the current one: changes only that line of the text.
absl::StatusOr<std::string> WithCurrent(const ClientConfig& config, const std::string& name,
                                        const std::string& home);

}  // namespace capmon
