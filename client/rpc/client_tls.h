// SPDX-License-Identifier: Apache-2.0
// The identity of this process towards a capmond on another machine: files in PEM form.
#pragma once

#include <string>

namespace capmon {

struct ClientTls {
  std::string ca;           // signs capmond's certificate
  std::string certificate;  // of this client, with the chain below its authority
  std::string key;
};

// For all connections of this process; call before the first.
void UseClientTls(ClientTls files);

}  // namespace capmon
