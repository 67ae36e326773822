// SPDX-License-Identifier: Apache-2.0
// An answer as a document for programs or as text for people, as the settings ask.
#pragma once

#include <sstream>

#include "absl/status/status.h"
#include "client/base/output.h"
#include "client/base/settings.h"
#include "client/commands/document.h"

namespace capmon {

// Prints the message as a document, or the text that `render` writes to a stream.
template <typename Render>
absl::Status Show(const google::protobuf::Message& message, const Settings& settings,
                  Render render) {
  if (settings.document()) {
    const auto document = Serialize(message, settings.format);
    return document.ok() ? Print(*document) : document.status();
  }
  std::ostringstream out;
  render(out);
  return Print(out.str());
}

}  // namespace capmon
