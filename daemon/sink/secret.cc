// SPDX-License-Identifier: Apache-2.0
#include "daemon/sink/secret.h"

#include <algorithm>
#include <cstdlib>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "daemon/base/regular_file.h"

namespace capmon {
namespace {

constexpr std::string_view kFile = "file:", kEnvironment = "env:";
constexpr size_t kMaxBytes = 64 << 10;

absl::StatusOr<std::string> Read(const std::string& source) {
  if (source.starts_with(kFile)) {
    auto text = ReadRegularFile(source.substr(kFile.size()), kMaxBytes);
    if (!text.ok()) return absl::FailedPreconditionError(text.status().message());
    while (text->ends_with('\n') || text->ends_with('\r')) text->pop_back();
    return text;
  }
  if (!source.starts_with(kEnvironment))
    return absl::FailedPreconditionError("a secret is file:PATH or env:NAME");
  const std::string name = source.substr(kEnvironment.size());
  const char* value = std::getenv(name.c_str());
  if (value == nullptr)
    return absl::FailedPreconditionError(
        absl::StrCat("the environment variable ", name, " of a secret is not set"));
  return std::string(value);
}

}  // namespace

absl::StatusOr<std::string> ReadSecret(const Secret& secret) {
  if (secret.source.empty()) return "";
  auto text = Read(secret.source);
  if (!text.ok()) return text.status();
  if (text->empty())
    return absl::FailedPreconditionError(absl::StrCat("the secret ", secret.source, " is empty"));
  if (std::ranges::any_of(*text, [](unsigned char byte) { return byte < 0x20 || byte == 0x7f; }))
    return absl::FailedPreconditionError(
        absl::StrCat("the secret ", secret.source, " contains a control character"));
  return text;
}

}  // namespace capmon
