// SPDX-License-Identifier: Apache-2.0
// Names of anything, on their way to a terminal or into a message; addresses from the command line.
#include "common/utf8.h"

#include "common/address.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace capmon;
  const std::string text(AsText(data, size));
  Require(IsUtf8(ToUtf8(text)), "what comes out is UTF-8");
  if (IsUtf8(text)) Require(ToUtf8(text) == text, "UTF-8 stays as it is");
  if (const auto path = SocketPath(text); path.ok()) GrpcTarget(*path);
  return 0;
}
